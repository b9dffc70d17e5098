package decode

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// overlaps declares which rows may match one word: behind each row the rows that are
// exceptions to it, having more fixed bits.
const overlaps = `
# Hints with an effect of their own; PSTATE fields of extensions.
HINT: NOP YIELD WFE WFI SEV SEVL
MSR_imm: SMSTOP SMSTART CFINV XAFLAG AXFLAG

# A prefetch stands where a doubleword would be loaded with sign extension.
LDRS_imm_uoff: PRFM_imm_uoff
LDURS: PRFUM
LDRS_reg: PRFM_reg

# The fourth part of a memory copy is the memory set.
CPYF: SET
CPY: SETG

# A replicating load stands where a lane's size would be 3.
LD1_single: LD1R
LD2_single: LD2R
LD3_single: LD3R
LD4_single: LD4R
LD1_single_post: LD1R_post
LD2_single_post: LD2R_post
LD3_single_post: LD3R_post
LD4_single_post: LD4R_post

# The destination type 2 is bfloat16.
FCVT: BFCVT

# Modified immediates are shifts with immh of 0; halves have immh of 1.
SSHR_vec: MOVI_w
SRSHR_vec: MOVI_w
SSRA_vec: ORR_imm_w
SRSRA_vec: ORR_imm_w
SHL_vec: ORR_imm_w
SQSHL_imm_vec: ORR_imm_w
USHR_vec: MVNI_w
URSHR_vec: MVNI_w
SRI_vec: MVNI_w
SQSHLU_vec: MVNI_w
USRA_vec: BIC_imm_w
URSRA_vec: BIC_imm_w
SLI_vec: BIC_imm_w
UQSHL_imm_vec: BIC_imm_w
SHRN_vec: MOVI_h
SSHLL_vec: MOVI_h
SQSHRN_vec: ORR_imm_h
SQSHRUN_vec: MVNI_h
USHLL_vec: MVNI_h
UQSHRN_vec: BIC_imm_h
SCVTF_fixed_vec: MOVI_b SCVTF_fixed_vec_half
UCVTF_fixed_vec: MOVI_d_scalar MOVI_d UCVTF_fixed_vec_half
FCVTZS_fixed_vec: FMOV_vec_h FCVTZS_fixed_vec_half
FCVTZU_fixed_vec: FCVTZU_fixed_vec_half
SCVTF_fixed_scalar: SCVTF_fixed_scalar_half
FCVTZS_fixed_scalar: FCVTZS_fixed_scalar_half
UCVTF_fixed_scalar: UCVTF_fixed_scalar_half
FCVTZU_fixed_scalar: FCVTZU_fixed_scalar_half

# The SVE that has rows of its own.
SVE: CNTB_sve WHILELO_sve LD1B_sve_imm ST1B_sve_imm
`

func TestOverlap(t *testing.T) {
	declared := map[string]bool{}
	for _, line := range strings.Split(strings.TrimSpace(overlaps), "\n") {
		if strings.HasPrefix(line, "#") {
			continue
		}
		general, exceptions, _ := strings.Cut(line, ": ")
		for _, e := range strings.Fields(exceptions) {
			declared[general+" "+e] = true
		}
	}
	rng := rand.New(rand.NewPCG(6, 6))
	rows := byMask()
	for i, special := range rows {
		for _, general := range rows[i+1:] {
			if (special.value^general.value)&special.mask&general.mask != 0 {
				continue
			}
			pair := general.Name + " " + special.Name
			if !declared[pair] {
				t.Errorf("rows overlap: %s", pair)
			}
			delete(declared, pair)
			if fixed(special) > fixed(general) {
				continue
			}
			for range 10_000 { // predicates must keep them apart
				w := rng.Uint32()&^(special.mask|general.mask) | special.value | general.value
				if special.Matches(w) && general.Matches(w) {
					t.Fatalf("%08x is ambiguous: %s", w, pair)
				}
			}
		}
	}
	for pair := range declared {
		t.Errorf("declared, but rows do not overlap: %s", pair)
	}
}
