package decode

// Cryptographic extensions (C4.1.96): in the table so that they trap by name.

var cryptoAES = group{class: SIMD, feature: FeatAES, rows: []def{
	{"AESE", "01001110 00101000 010010nn nnnddddd", "aese {Vd.16b}, {Vn.16b}", nil, nil},
	{"AESD", "01001110 00101000 010110nn nnnddddd", "aesd {Vd.16b}, {Vn.16b}", nil, nil},
	{"AESMC", "01001110 00101000 011010nn nnnddddd", "aesmc {Vd.16b}, {Vn.16b}", nil, nil},
	{"AESIMC", "01001110 00101000 011110nn nnnddddd", "aesimc {Vd.16b}, {Vn.16b}", nil, nil},
}}

var cryptoSHA1 = group{class: SIMD, feature: FeatSHA1, rows: []def{
	{"SHA1C", "01011110 000mmmmm 000000nn nnnddddd", "sha1c {Qd}, {Sn}, {Vm.4s}", nil, nil},
	{"SHA1P", "01011110 000mmmmm 000100nn nnnddddd", "sha1p {Qd}, {Sn}, {Vm.4s}", nil, nil},
	{"SHA1M", "01011110 000mmmmm 001000nn nnnddddd", "sha1m {Qd}, {Sn}, {Vm.4s}", nil, nil},
	{"SHA1SU0", "01011110 000mmmmm 001100nn nnnddddd", "sha1su0 {Vd.4s}, {Vn.4s}, {Vm.4s}", nil, nil},
	{"SHA1H", "01011110 00101000 000010nn nnnddddd", "sha1h {Sd}, {Sn}", nil, nil},
	{"SHA1SU1", "01011110 00101000 000110nn nnnddddd", "sha1su1 {Vd.4s}, {Vn.4s}", nil, nil},
}}

var cryptoSHA256 = group{class: SIMD, feature: FeatSHA256, rows: []def{
	{"SHA256H", "01011110 000mmmmm 010000nn nnnddddd", "sha256h {Qd}, {Qn}, {Vm.4s}", nil, nil},
	{"SHA256H2", "01011110 000mmmmm 010100nn nnnddddd", "sha256h2 {Qd}, {Qn}, {Vm.4s}", nil, nil},
	{"SHA256SU1", "01011110 000mmmmm 011000nn nnnddddd", "sha256su1 {Vd.4s}, {Vn.4s}, {Vm.4s}", nil, nil},
	{"SHA256SU0", "01011110 00101000 001010nn nnnddddd", "sha256su0 {Vd.4s}, {Vn.4s}", nil, nil},
}}

var cryptoSHA512 = group{class: SIMD, feature: FeatSHA512, rows: []def{
	{"SHA512H", "11001110 011mmmmm 100000nn nnnddddd", "sha512h {Qd}, {Qn}, {Vm.2d}", nil, nil},
	{"SHA512H2", "11001110 011mmmmm 100001nn nnnddddd", "sha512h2 {Qd}, {Qn}, {Vm.2d}", nil, nil},
	{"SHA512SU1", "11001110 011mmmmm 100010nn nnnddddd", "sha512su1 {Vd.2d}, {Vn.2d}, {Vm.2d}", nil, nil},
	{"SHA512SU0", "11001110 11000000 100000nn nnnddddd", "sha512su0 {Vd.2d}, {Vn.2d}", nil, nil},
}}

var cryptoSHA3 = group{class: SIMD, feature: FeatSHA3, rows: []def{
	{"RAX1", "11001110 011mmmmm 100011nn nnnddddd", "rax1 {Vd.2d}, {Vn.2d}, {Vm.2d}", nil, nil},
	{"EOR3", "11001110 000mmmmm 0aaaaann nnnddddd", "eor3 {Vd.16b}, {Vn.16b}, {Vm.16b}, {Va.16b}", nil, nil},
	{"BCAX", "11001110 001mmmmm 0aaaaann nnnddddd", "bcax {Vd.16b}, {Vn.16b}, {Vm.16b}, {Va.16b}", nil, nil},
	{"XAR", "11001110 100mmmmm iiiiiinn nnnddddd", "xar {Vd.2d}, {Vn.2d}, {Vm.2d}, {#i:d}", nil, nil},
}}

var cryptoSM3 = group{class: SIMD, feature: FeatSM3, rows: []def{
	{"SM3SS1", "11001110 010mmmmm 0aaaaann nnnddddd", "sm3ss1 {Vd.4s}, {Vn.4s}, {Vm.4s}, {Va.4s}", nil, nil},
	{"SM3TT1A", "11001110 010mmmmm 10ii00nn nnnddddd", "sm3tt1a {Vd.4s}, {Vn.4s}, {sm3elem}", nil, nil},
	{"SM3TT1B", "11001110 010mmmmm 10ii01nn nnnddddd", "sm3tt1b {Vd.4s}, {Vn.4s}, {sm3elem}", nil, nil},
	{"SM3TT2A", "11001110 010mmmmm 10ii10nn nnnddddd", "sm3tt2a {Vd.4s}, {Vn.4s}, {sm3elem}", nil, nil},
	{"SM3TT2B", "11001110 010mmmmm 10ii11nn nnnddddd", "sm3tt2b {Vd.4s}, {Vn.4s}, {sm3elem}", nil, nil},
	{"SM3PARTW1", "11001110 011mmmmm 110000nn nnnddddd", "sm3partw1 {Vd.4s}, {Vn.4s}, {Vm.4s}", nil, nil},
	{"SM3PARTW2", "11001110 011mmmmm 110001nn nnnddddd", "sm3partw2 {Vd.4s}, {Vn.4s}, {Vm.4s}", nil, nil},
}}

var cryptoSM4 = group{class: SIMD, feature: FeatSM4, rows: []def{
	{"SM4EKEY", "11001110 011mmmmm 110010nn nnnddddd", "sm4ekey {Vd.4s}, {Vn.4s}, {Vm.4s}", nil, nil},
	{"SM4E", "11001110 11000000 100001nn nnnddddd", "sm4e {Vd.4s}, {Vn.4s}", nil, nil},
}}
