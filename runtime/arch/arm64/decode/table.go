package decode

// def is a row as it is written down.
type def struct {
	name  string
	bits  string
	text  string              // in the form that print.go explains
	ok    func(uint32) bool   // false: unallocated; nil: all words that match are allocated
	alias func(uint32) string // the text to print instead, or ""; nil: none
}

// group is a run of rows of one class and feature.
type group struct {
	class   Class
	feature Feature
	avoid   func(uint32) bool // true: constrained unpredictable; Random leaves such words out
	rows    []def
}

// Class is a chapter of the manual's encoding index (C4.1).
type Class uint8

// The classes.
const (
	Reserved Class = iota
	DataProcImm
	BranchSys
	LoadStore
	DataProcReg
	FP
	SIMD
	Vector // SVE and SME
)

var classNames = [...]string{"reserved", "dp_imm", "branches_sys", "loadstore", "dp_reg", "fp", "simd", "vector"}

func (c Class) String() string { return classNames[c] }

// Feature is the architecture extension that an encoding belongs to, by the
// manual's name without FEAT_ (A2.2).
type Feature string

// The features. FeatBase is ARMv8.0 with floating point and Advanced SIMD.
const (
	FeatBase      Feature = ""
	FeatCRC32     Feature = "CRC32"
	FeatLSE       Feature = "LSE"
	FeatLOR       Feature = "LOR"
	FeatLRCPC     Feature = "LRCPC"
	FeatLRCPC2    Feature = "LRCPC2"
	FeatRDM       Feature = "RDM"
	FeatFP16      Feature = "FP16"
	FeatFHM       Feature = "FHM"
	FeatAES       Feature = "AES"
	FeatPMULL     Feature = "PMULL"
	FeatSHA1      Feature = "SHA1"
	FeatSHA256    Feature = "SHA256"
	FeatSHA512    Feature = "SHA512"
	FeatSHA3      Feature = "SHA3"
	FeatSM3       Feature = "SM3"
	FeatSM4       Feature = "SM4"
	FeatDotProd   Feature = "DotProd"
	FeatFCMA      Feature = "FCMA"
	FeatJSCVT     Feature = "JSCVT"
	FeatFRINTTS   Feature = "FRINTTS"
	FeatBF16      Feature = "BF16"
	FeatI8MM      Feature = "I8MM"
	FeatFlagM     Feature = "FlagM"
	FeatFlagM2    Feature = "FlagM2"
	FeatPAuth     Feature = "PAuth"
	FeatMTE       Feature = "MTE"
	FeatLS64      Feature = "LS64"
	FeatMOPS      Feature = "MOPS"
	FeatCSSC      Feature = "CSSC"
	FeatHBC       Feature = "HBC"
	FeatWFxT      Feature = "WFxT"
	FeatXS        Feature = "XS"
	FeatSB        Feature = "SB"
	FeatTME       Feature = "TME"
	FeatSVE       Feature = "SVE"
	FeatSME       Feature = "SME"
	FeatPrivilege Feature = "EL1" // what user programs may never execute
)

// Lifted reports whether boxer runs the feature's instructions.
func (f Feature) Lifted() bool {
	switch f {
	case FeatBase, FeatCRC32, FeatLSE, FeatLOR, FeatLRCPC, FeatSB:
		return true
	}
	return false
}

// tables is the whole instruction set, in the manual's order.
var tables = [...]*group{
	&reserved,
	&dpImm, &dpImmCSSC, &dpImmMTE,
	&branches, &branchesHBC, &branchesPAuth, &branchesPrivilege, &exceptions, &exceptionsPrivilege, &exceptionsTME,
	&system, &systemPrivilege, &systemSME, &systemWFxT, &systemXS, &systemSB, &systemTME, &systemFlagM, &systemFlagM2,
	&lsExclusive, &lsLOR, &lsCAS, &lsAtomic, &lsLRCPC, &lsLRCPC2, &lsLS64, &lsPAuth, &lsLiteral, &lsPair, &lsSingle, &lsRegister, &lsMTE, &lsMOPS, &lsStruct, &lsLane,
	&dpReg, &dpRegCRC, &dpRegCSSC, &dpRegFlagM, &dpRegPAuth, &dpRegMTE,
	&fpArith, &fpConvert, &fpArithHalf, &fpConvertHalf, &fpJSCVT, &fpFRINTTS, &fpBF16,
	&simdSame, &simdSameScalar, &simdSameHalf, &simdSameFHM, &simdSameRDM, &simdSameDot, &simdSameI8MM, &simdSameBF16, &simdSameFCMA,
	&simdDiff, &simdDiffScalar, &simdDiffPMULL,
	&simdMisc, &simdMiscScalar, &simdMiscHalf, &simdMiscFRINTTS, &simdMiscBF16,
	&simdAcross, &simdAcrossHalf,
	&simdPair, &simdPairHalf,
	&simdElem, &simdElemScalar, &simdElemHalf, &simdElemRDM, &simdElemDot, &simdElemI8MM, &simdElemBF16, &simdElemFHM, &simdElemFCMA,
	&simdCopy,
	&simdPermute,
	&simdImm, &simdImmHalf,
	&simdShift, &simdShiftScalar, &simdShiftHalf,
	&cryptoAES, &cryptoSHA1, &cryptoSHA256, &cryptoSHA512, &cryptoSHA3, &cryptoSM3, &cryptoSM4,
	&vectorSVE, &vectorSME,
}
