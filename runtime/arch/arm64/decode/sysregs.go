package decode

// The names of the system registers and of the operations of SYS (Arm ARM D19.1
// and C5), as GNU binutils 2.40 knows them. A line has op0, op1, CRn and CRm (SYS: op1, CRn,
// CRm) and the names for op2 from 0 on, '-' where there is none.

const sysRegNames = `
2 0 0 0: - - osdtrrx_el1 - dbgbvr0_el1 dbgbcr0_el1 dbgwvr0_el1 dbgwcr0_el1
2 0 0 1: - - - - dbgbvr1_el1 dbgbcr1_el1 dbgwvr1_el1 dbgwcr1_el1
2 0 0 2: mdccint_el1 - mdscr_el1 - dbgbvr2_el1 dbgbcr2_el1 dbgwvr2_el1 dbgwcr2_el1
2 0 0 3: - - osdtrtx_el1 - dbgbvr3_el1 dbgbcr3_el1 dbgwvr3_el1 dbgwcr3_el1
2 0 0 4: - - - - dbgbvr4_el1 dbgbcr4_el1 dbgwvr4_el1 dbgwcr4_el1
2 0 0 5: - - - - dbgbvr5_el1 dbgbcr5_el1 dbgwvr5_el1 dbgwcr5_el1
2 0 0 6: - - oseccr_el1 - dbgbvr6_el1 dbgbcr6_el1 dbgwvr6_el1 dbgwcr6_el1
2 0 0 7: - - - - dbgbvr7_el1 dbgbcr7_el1 dbgwvr7_el1 dbgwcr7_el1
2 0 0 8: - - - - dbgbvr8_el1 dbgbcr8_el1 dbgwvr8_el1 dbgwcr8_el1
2 0 0 9: - - - - dbgbvr9_el1 dbgbcr9_el1 dbgwvr9_el1 dbgwcr9_el1
2 0 0 10: - - - - dbgbvr10_el1 dbgbcr10_el1 dbgwvr10_el1 dbgwcr10_el1
2 0 0 11: - - - - dbgbvr11_el1 dbgbcr11_el1 dbgwvr11_el1 dbgwcr11_el1
2 0 0 12: - - - - dbgbvr12_el1 dbgbcr12_el1 dbgwvr12_el1 dbgwcr12_el1
2 0 0 13: - - - - dbgbvr13_el1 dbgbcr13_el1 dbgwvr13_el1 dbgwcr13_el1
2 0 0 14: - - - - dbgbvr14_el1 dbgbcr14_el1 dbgwvr14_el1 dbgwcr14_el1
2 0 0 15: - - - - dbgbvr15_el1 dbgbcr15_el1 dbgwvr15_el1 dbgwcr15_el1
2 0 1 0: mdrar_el1 - - - oslar_el1
2 0 1 1: - - - - oslsr_el1
2 0 1 3: - - - - osdlr_el1
2 0 1 4: - - - - dbgprcr_el1
2 0 7 8: - - - - - - dbgclaimset_el1
2 0 7 9: - - - - - - dbgclaimclr_el1
2 0 7 14: - - - - - - dbgauthstatus_el1
2 0 8 0: csrcr_el1 csrptr_el1 - csrptridx_el1
2 1 0 0: - trctraceidr trcvictlr - trcseqevr0 trccntrldvr0 trcidr8 trcimspec0
2 1 0 1: trcprgctlr trcqctlr trcviiectlr - trcseqevr1 trccntrldvr1 trcidr9 trcimspec1
2 1 0 2: trcprocselr - trcvissctlr - trcseqevr2 trccntrldvr2 trcidr10 trcimspec2
2 1 0 3: trcstatr - trcvipcssctlr - - trccntrldvr3 trcidr11 trcimspec3
2 1 0 4: trcconfigr - - - - trccntctlr0 trcidr12 trcimspec4
2 1 0 5: - - - - - trccntctlr1 trcidr13 trcimspec5
2 1 0 6: trcauxctlr - - - trcseqrstevr trccntctlr2 - trcimspec6
2 1 0 7: - - - - trcseqstr trccntctlr3 - trcimspec7
2 1 0 8: trceventctl0r - trcvdctlr - trcextinselr0 trccntvr0 - trcidr0
2 1 0 9: trceventctl1r - trcvdsacctlr - trcextinselr1 trccntvr1 - trcidr1
2 1 0 10: trcrsr - trcvdarcctlr - trcextinselr2 trccntvr2 - trcidr2
2 1 0 11: trcstallctlr - - - trcextinselr3 trccntvr3 - trcidr3
2 1 0 12: trctsctlr - - - - - - trcidr4
2 1 0 13: trcsyncpr - - - - - - trcidr5
2 1 0 14: trcccctlr - - - - - - trcidr6
2 1 0 15: trcbbctlr - - - - - - trcidr7
2 1 1 0: - trcrsctlr16 trcssccr0 trcsspcicr0 trcoslar
2 1 1 1: - trcrsctlr17 trcssccr1 trcsspcicr1 trcoslsr
2 1 1 2: trcrsctlr2 trcrsctlr18 trcssccr2 trcsspcicr2
2 1 1 3: trcrsctlr3 trcrsctlr19 trcssccr3 trcsspcicr3
2 1 1 4: trcrsctlr4 trcrsctlr20 trcssccr4 trcsspcicr4 trcpdcr
2 1 1 5: trcrsctlr5 trcrsctlr21 trcssccr5 trcsspcicr5 trcpdsr
2 1 1 6: trcrsctlr6 trcrsctlr22 trcssccr6 trcsspcicr6
2 1 1 7: trcrsctlr7 trcrsctlr23 trcssccr7 trcsspcicr7
2 1 1 8: trcrsctlr8 trcrsctlr24 trcsscsr0
2 1 1 9: trcrsctlr9 trcrsctlr25 trcsscsr1
2 1 1 10: trcrsctlr10 trcrsctlr26 trcsscsr2
2 1 1 11: trcrsctlr11 trcrsctlr27 trcsscsr3
2 1 1 12: trcrsctlr12 trcrsctlr28 trcsscsr4
2 1 1 13: trcrsctlr13 trcrsctlr29 trcsscsr5
2 1 1 14: trcrsctlr14 trcrsctlr30 trcsscsr6
2 1 1 15: trcrsctlr15 trcrsctlr31 trcsscsr7
2 1 2 0: trcacvr0 trcacvr8 trcacatr0 trcacatr8 trcdvcvr0 trcdvcvr4 trcdvcmr0 trcdvcmr4
2 1 2 2: trcacvr1 trcacvr9 trcacatr1 trcacatr9
2 1 2 4: trcacvr2 trcacvr10 trcacatr2 trcacatr10 trcdvcvr1 trcdvcvr5 trcdvcmr1 trcdvcmr5
2 1 2 6: trcacvr3 trcacvr11 trcacatr3 trcacatr11
2 1 2 8: trcacvr4 trcacvr12 trcacatr4 trcacatr12 trcdvcvr2 trcdvcvr6 trcdvcmr2 trcdvcmr6
2 1 2 10: trcacvr5 trcacvr13 trcacatr5 trcacatr13
2 1 2 12: trcacvr6 trcacvr14 trcacatr6 trcacatr14 trcdvcvr3 trcdvcvr7 trcdvcmr3 trcdvcmr7
2 1 2 14: trcacvr7 trcacvr15 trcacatr7 trcacatr15
2 1 3 0: trccidcvr0 trcvmidcvr0 trccidcctlr0
2 1 3 1: - - trccidcctlr1
2 1 3 2: trccidcvr1 trcvmidcvr1 trcvmidcctlr0
2 1 3 3: - - trcvmidcctlr1
2 1 3 4: trccidcvr2 trcvmidcvr2
2 1 3 6: trccidcvr3 trcvmidcvr3
2 1 3 8: trccidcvr4 trcvmidcvr4
2 1 3 10: trccidcvr5 trcvmidcvr5
2 1 3 12: trccidcvr6 trcvmidcvr6
2 1 3 14: trccidcvr7 trcvmidcvr7
2 1 7 0: - - - - trcitctrl
2 1 7 2: - - - - - - - trcdevid
2 1 7 3: - - - - - - - trcdevtype
2 1 7 4: - - - - - - - trcpidr4
2 1 7 5: - - - - - - - trcpidr5
2 1 7 6: - - - - - - - trcpidr6
2 1 7 7: - - - - - - - trcpidr7
2 1 7 8: - - - - - - trcclaimset trcpidr0
2 1 7 9: - - - - - - trcclaimclr trcpidr1
2 1 7 10: - - - - - - trcdevaff0 trcpidr2
2 1 7 11: - - - - - - trcdevaff1 trcpidr3
2 1 7 12: - - - - - - trclar trccidr0
2 1 7 13: - - - - - - trclsr trccidr1
2 1 7 14: - - - - - - trcauthstatus trccidr2
2 1 7 15: - - - - - - trcdevarch trccidr3
2 1 8 0: brbinf0_el1 brbsrc0_el1 brbtgt0_el1 - brbinf16_el1 brbsrc16_el1 brbtgt16_el1
2 1 8 1: brbinf1_el1 brbsrc1_el1 brbtgt1_el1 - brbinf17_el1 brbsrc17_el1 brbtgt17_el1
2 1 8 2: brbinf2_el1 brbsrc2_el1 brbtgt2_el1 - brbinf18_el1 brbsrc18_el1 brbtgt18_el1
2 1 8 3: brbinf3_el1 brbsrc3_el1 brbtgt3_el1 - brbinf19_el1 brbsrc19_el1 brbtgt19_el1
2 1 8 4: brbinf4_el1 brbsrc4_el1 brbtgt4_el1 - brbinf20_el1 brbsrc20_el1 brbtgt20_el1
2 1 8 5: brbinf5_el1 brbsrc5_el1 brbtgt5_el1 - brbinf21_el1 brbsrc21_el1 brbtgt21_el1
2 1 8 6: brbinf6_el1 brbsrc6_el1 brbtgt6_el1 - brbinf22_el1 brbsrc22_el1 brbtgt22_el1
2 1 8 7: brbinf7_el1 brbsrc7_el1 brbtgt7_el1 - brbinf23_el1 brbsrc23_el1 brbtgt23_el1
2 1 8 8: brbinf8_el1 brbsrc8_el1 brbtgt8_el1 - brbinf24_el1 brbsrc24_el1 brbtgt24_el1
2 1 8 9: brbinf9_el1 brbsrc9_el1 brbtgt9_el1 - brbinf25_el1 brbsrc25_el1 brbtgt25_el1
2 1 8 10: brbinf10_el1 brbsrc10_el1 brbtgt10_el1 - brbinf26_el1 brbsrc26_el1 brbtgt26_el1
2 1 8 11: brbinf11_el1 brbsrc11_el1 brbtgt11_el1 - brbinf27_el1 brbsrc27_el1 brbtgt27_el1
2 1 8 12: brbinf12_el1 brbsrc12_el1 brbtgt12_el1 - brbinf28_el1 brbsrc28_el1 brbtgt28_el1
2 1 8 13: brbinf13_el1 brbsrc13_el1 brbtgt13_el1 - brbinf29_el1 brbsrc29_el1 brbtgt29_el1
2 1 8 14: brbinf14_el1 brbsrc14_el1 brbtgt14_el1 - brbinf30_el1 brbsrc30_el1 brbtgt30_el1
2 1 8 15: brbinf15_el1 brbsrc15_el1 brbtgt15_el1 - brbinf31_el1 brbsrc31_el1 brbtgt31_el1
2 1 9 0: brbcr_el1 brbfcr_el1 brbts_el1
2 1 9 1: brbinfinj_el1 brbsrcinj_el1 brbtgtinj_el1
2 1 9 2: brbidr0_el1
2 2 0 0: teecr32_el1
2 2 1 0: teehbr32_el1
2 3 0 1: mdccsr_el0
2 3 0 4: dbgdtr_el0
2 3 0 5: dbgdtrrx_el0
2 3 8 0: csrcr_el0 csrptr_el0 csridr_el0 csrptridx_el0
2 4 0 7: dbgvcr32_el2
2 4 8 0: csrcr_el2 csrptr_el2 - csrptridx_el2
2 4 9 0: brbcr_el2
2 5 8 0: csrcr_el12 csrptr_el12
2 5 9 0: brbcr_el12
3 0 0 0: midr_el1 - - - mpuir_el1 mpidr_el1 revidr_el1
3 0 0 1: id_pfr0_el1 id_pfr1_el1 id_dfr0_el1 id_afr0_el1 id_mmfr0_el1 id_mmfr1_el1 id_mmfr2_el1 id_mmfr3_el1
3 0 0 2: id_isar0_el1 id_isar1_el1 id_isar2_el1 id_isar3_el1 id_isar4_el1 id_isar5_el1 id_mmfr4_el1 id_isar6_el1
3 0 0 3: mvfr0_el1 mvfr1_el1 mvfr2_el1 - id_pfr2_el1 id_dfr1_el1 id_mmfr5_el1
3 0 0 4: id_aa64pfr0_el1 id_aa64pfr1_el1 - - id_aa64zfr0_el1 id_aa64smfr0_el1
3 0 0 5: id_aa64dfr0_el1 id_aa64dfr1_el1 - - id_aa64afr0_el1 id_aa64afr1_el1
3 0 0 6: id_aa64isar0_el1 id_aa64isar1_el1 id_aa64isar2_el1
3 0 0 7: id_aa64mmfr0_el1 id_aa64mmfr1_el1 id_aa64mmfr2_el1
3 0 1 0: sctlr_el1 actlr_el1 cpacr_el1 - - rgsr_el1 gcr_el1
3 0 1 2: zcr_el1 trfcr_el1 - - smpri_el1 - smcr_el1
3 0 2 0: ttbr0_el1 ttbr1_el1 tcr_el1
3 0 2 1: apiakeylo_el1 apiakeyhi_el1 apibkeylo_el1 apibkeyhi_el1
3 0 2 2: apdakeylo_el1 apdakeyhi_el1 apdbkeylo_el1 apdbkeyhi_el1
3 0 2 3: apgakeylo_el1 apgakeyhi_el1
3 0 4 0: spsr_el1 elr_el1
3 0 4 1: sp_el0
3 0 4 2: spsel - currentel pan uao
3 0 4 3: allint
3 0 4 6: icc_pmr_el1
3 0 5 1: afsr0_el1 afsr1_el1
3 0 5 2: esr_el1
3 0 5 3: erridr_el1 errselr_el1
3 0 5 4: erxfr_el1 erxctlr_el1 erxstatus_el1 erxaddr_el1 erxpfgf_el1 erxpfgctl_el1 erxpfgcdn_el1
3 0 5 5: erxmisc0_el1 erxmisc1_el1 erxmisc2_el1 erxmisc3_el1
3 0 5 6: tfsr_el1 tfsre0_el1
3 0 6 0: far_el1
3 0 6 1: - prenr_el1
3 0 6 2: - prselr_el1
3 0 6 8: prbar_el1 prlar_el1 - - prbar1_el1 prlar1_el1
3 0 6 9: prbar2_el1 prlar2_el1 - - prbar3_el1 prlar3_el1
3 0 6 10: prbar4_el1 prlar4_el1 - - prbar5_el1 prlar5_el1
3 0 6 11: prbar6_el1 prlar6_el1 - - prbar7_el1 prlar7_el1
3 0 6 12: prbar8_el1 prlar8_el1 - - prbar9_el1 prlar9_el1
3 0 6 13: prbar10_el1 prlar10_el1 - - prbar11_el1 prlar11_el1
3 0 6 14: prbar12_el1 prlar12_el1 - - prbar13_el1 prlar13_el1
3 0 6 15: prbar14_el1 prlar14_el1 - - prbar15_el1 prlar15_el1
3 0 7 4: par_el1
3 0 9 9: pmscr_el1 pmsnevfr_el1 pmsicr_el1 pmsirr_el1 pmsfcr_el1 pmsevfr_el1 pmslatfr_el1 pmsidr_el1
3 0 9 10: pmblimitr_el1 pmbptr_el1 - pmbsr_el1 - - - pmbidr_el1
3 0 9 11: trblimitr_el1 trbptr_el1 trbbaser_el1 trbsr_el1 trbmar_el1 - trbtrg_el1 trbidr_el1
3 0 9 14: - pmintenset_el1 pmintenclr_el1 - - - pmmir_el1
3 0 10 2: mair_el1
3 0 10 3: amair_el1
3 0 10 4: lorsa_el1 lorea_el1 lorn_el1 lorc_el1 mpamidr_el1 - - lorid_el1
3 0 10 5: mpam1_el1 mpam0_el1 - mpamsm_el1
3 0 12 0: vbar_el1 rvbar_el1 rmr_el1
3 0 12 1: isr_el1 disr_el1
3 0 12 8: icc_iar0_el1 icc_eoir0_el1 icc_hppir0_el1 icc_bpr0_el1 icc_ap0r0_el1 icc_ap0r1_el1 icc_ap0r2_el1 icc_ap0r3_el1
3 0 12 9: icc_ap1r0_el1 icc_ap1r1_el1 icc_ap1r2_el1 icc_ap1r3_el1 - icc_nmiar1_el1
3 0 12 11: - icc_dir_el1 - icc_rpr_el1 - icc_sgi1r_el1 icc_asgi1r_el1 icc_sgi0r_el1
3 0 12 12: icc_iar1_el1 icc_eoir1_el1 icc_hppir1_el1 icc_bpr1_el1 icc_ctlr_el1 icc_sre_el1 icc_igrpen0_el1 icc_igrpen1_el1
3 0 13 0: - contextidr_el1 - - tpidr_el1 accdata_el1 - scxtnum_el1
3 0 14 1: cntkctl_el1
3 1 0 0: ccsidr_el1 clidr_el1 ccsidr2_el1 - gmid_el1 - smidr_el1 aidr_el1
3 2 0 0: csselr_el1
3 3 0 0: - ctr_el0 - - - - - dczid_el0
3 3 2 4: rndr rndrrs
3 3 4 2: nzcv daif svcr - - dit ssbs tco
3 3 4 4: fpcr fpsr
3 3 4 5: dspsr_el0 dlr_el0
3 3 9 12: pmcr_el0 pmcntenset_el0 pmcntenclr_el0 pmovsclr_el0 pmswinc_el0 pmselr_el0 pmceid0_el0 pmceid1_el0
3 3 9 13: pmccntr_el0 pmxevtyper_el0 pmxevcntr_el0
3 3 9 14: pmuserenr_el0 - - pmovsset_el0
3 3 13 0: - - tpidr_el0 tpidrro_el0 - tpidr2_el0 - scxtnum_el0
3 3 13 2: amcr_el0 amcfgr_el0 amcgcr_el0 amuserenr_el0 amcntenclr0_el0 amcntenset0_el0 amcg1idr_el0
3 3 13 3: amcntenclr1_el0 amcntenset1_el0
3 3 13 4: amevcntr00_el0 amevcntr01_el0 amevcntr02_el0 amevcntr03_el0
3 3 13 6: amevtyper00_el0 amevtyper01_el0 amevtyper02_el0 amevtyper03_el0
3 3 13 12: amevcntr10_el0 amevcntr11_el0 amevcntr12_el0 amevcntr13_el0 amevcntr14_el0 amevcntr15_el0 amevcntr16_el0 amevcntr17_el0
3 3 13 13: amevcntr18_el0 amevcntr19_el0 amevcntr110_el0 amevcntr111_el0 amevcntr112_el0 amevcntr113_el0 amevcntr114_el0 amevcntr115_el0
3 3 13 14: amevtyper10_el0 amevtyper11_el0 amevtyper12_el0 amevtyper13_el0 amevtyper14_el0 amevtyper15_el0 amevtyper16_el0 amevtyper17_el0
3 3 13 15: amevtyper18_el0 amevtyper19_el0 amevtyper110_el0 amevtyper111_el0 amevtyper112_el0 amevtyper113_el0 amevtyper114_el0 amevtyper115_el0
3 3 14 0: cntfrq_el0 cntpct_el0 cntvct_el0 - - cntpctss_el0 cntvctss_el0
3 3 14 2: cntp_tval_el0 cntp_ctl_el0 cntp_cval_el0
3 3 14 3: cntv_tval_el0 cntv_ctl_el0 cntv_cval_el0
3 3 14 8: pmevcntr0_el0 pmevcntr1_el0 pmevcntr2_el0 pmevcntr3_el0 pmevcntr4_el0 pmevcntr5_el0 pmevcntr6_el0 pmevcntr7_el0
3 3 14 9: pmevcntr8_el0 pmevcntr9_el0 pmevcntr10_el0 pmevcntr11_el0 pmevcntr12_el0 pmevcntr13_el0 pmevcntr14_el0 pmevcntr15_el0
3 3 14 10: pmevcntr16_el0 pmevcntr17_el0 pmevcntr18_el0 pmevcntr19_el0 pmevcntr20_el0 pmevcntr21_el0 pmevcntr22_el0 pmevcntr23_el0
3 3 14 11: pmevcntr24_el0 pmevcntr25_el0 pmevcntr26_el0 pmevcntr27_el0 pmevcntr28_el0 pmevcntr29_el0 pmevcntr30_el0
3 3 14 12: pmevtyper0_el0 pmevtyper1_el0 pmevtyper2_el0 pmevtyper3_el0 pmevtyper4_el0 pmevtyper5_el0 pmevtyper6_el0 pmevtyper7_el0
3 3 14 13: pmevtyper8_el0 pmevtyper9_el0 pmevtyper10_el0 pmevtyper11_el0 pmevtyper12_el0 pmevtyper13_el0 pmevtyper14_el0 pmevtyper15_el0
3 3 14 14: pmevtyper16_el0 pmevtyper17_el0 pmevtyper18_el0 pmevtyper19_el0 pmevtyper20_el0 pmevtyper21_el0 pmevtyper22_el0 pmevtyper23_el0
3 3 14 15: pmevtyper24_el0 pmevtyper25_el0 pmevtyper26_el0 pmevtyper27_el0 pmevtyper28_el0 pmevtyper29_el0 pmevtyper30_el0 pmccfiltr_el0
3 4 0 0: vpidr_el2 - - - mpuir_el2 vmpidr_el2
3 4 1 0: sctlr_el2 actlr_el2
3 4 1 1: hcr_el2 mdcr_el2 cptr_el2 hstr_el2 hfgrtr_el2 hfgwtr_el2 hfgitr_el2 hacr_el2
3 4 1 2: zcr_el2 trfcr_el2 hcrx_el2 - - smprimap_el2 smcr_el2
3 4 1 3: - sder32_el2
3 4 2 0: ttbr0_el2 ttbr1_el2 tcr_el2
3 4 2 1: vttbr_el2 - vtcr_el2
3 4 2 2: vncr_el2
3 4 2 6: vsttbr_el2 - vstcr_el2
3 4 3 0: dacr32_el2
3 4 3 1: - - - - hdfgrtr_el2 hdfgwtr_el2 hafgrtr_el2
3 4 4 0: spsr_el2 elr_el2
3 4 4 1: sp_el1
3 4 4 3: spsr_irq spsr_abt spsr_und spsr_fiq
3 4 5 0: - ifsr32_el2
3 4 5 1: afsr0_el2 afsr1_el2
3 4 5 2: esr_el2 - - vsesr_el2
3 4 5 3: fpexc32_el2
3 4 5 6: tfsr_el2
3 4 6 0: far_el2 - - - hpfar_el2
3 4 6 1: - prenr_el2
3 4 6 2: - prselr_el2
3 4 6 8: prbar_el2 prlar_el2 - - prbar1_el2 prlar1_el2
3 4 6 9: prbar2_el2 prlar2_el2 - - prbar3_el2 prlar3_el2
3 4 6 10: prbar4_el2 prlar4_el2 - - prbar5_el2 prlar5_el2
3 4 6 11: prbar6_el2 prlar6_el2 - - prbar7_el2 prlar7_el2
3 4 6 12: prbar8_el2 prlar8_el2 - - prbar9_el2 prlar9_el2
3 4 6 13: prbar10_el2 prlar10_el2 - - prbar11_el2 prlar11_el2
3 4 6 14: prbar12_el2 prlar12_el2 - - prbar13_el2 prlar13_el2
3 4 6 15: prbar14_el2 prlar14_el2 - - prbar15_el2 prlar15_el2
3 4 9 9: pmscr_el2
3 4 10 2: mair_el2
3 4 10 3: amair_el2
3 4 10 4: mpamhcr_el2 mpamvpmv_el2
3 4 10 5: mpam2_el2
3 4 10 6: mpamvpm0_el2 mpamvpm1_el2 mpamvpm2_el2 mpamvpm3_el2 mpamvpm4_el2 mpamvpm5_el2 mpamvpm6_el2 mpamvpm7_el2
3 4 12 0: vbar_el2 rvbar_el2 rmr_el2
3 4 12 1: - vdisr_el2
3 4 12 8: ich_ap0r0_el2 ich_ap0r1_el2 ich_ap0r2_el2 ich_ap0r3_el2
3 4 12 9: ich_ap1r0_el2 ich_ap1r1_el2 ich_ap1r2_el2 ich_ap1r3_el2 - icc_sre_el2
3 4 12 11: ich_hcr_el2 ich_vtr_el2 ich_misr_el2 ich_eisr_el2 - ich_elrsr_el2 - ich_vmcr_el2
3 4 12 12: ich_lr0_el2 ich_lr1_el2 ich_lr2_el2 ich_lr3_el2 ich_lr4_el2 ich_lr5_el2 ich_lr6_el2 ich_lr7_el2
3 4 12 13: ich_lr8_el2 ich_lr9_el2 ich_lr10_el2 ich_lr11_el2 ich_lr12_el2 ich_lr13_el2 ich_lr14_el2 ich_lr15_el2
3 4 13 0: - contextidr_el2 tpidr_el2 - - - - scxtnum_el2
3 4 13 8: amevcntvoff00_el2 amevcntvoff01_el2 amevcntvoff02_el2 amevcntvoff03_el2 amevcntvoff04_el2 amevcntvoff05_el2 amevcntvoff06_el2 amevcntvoff07_el2
3 4 13 9: amevcntvoff08_el2 amevcntvoff09_el2 amevcntvoff010_el2 amevcntvoff011_el2 amevcntvoff012_el2 amevcntvoff013_el2 amevcntvoff014_el2 amevcntvoff015_el2
3 4 13 10: amevcntvoff10_el2 amevcntvoff11_el2 amevcntvoff12_el2 amevcntvoff13_el2 amevcntvoff14_el2 amevcntvoff15_el2 amevcntvoff16_el2 amevcntvoff17_el2
3 4 13 11: amevcntvoff18_el2 amevcntvoff19_el2 amevcntvoff110_el2 amevcntvoff111_el2 amevcntvoff112_el2 amevcntvoff113_el2 amevcntvoff114_el2 amevcntvoff115_el2
3 4 14 0: - - - cntvoff_el2 - - cntpoff_el2
3 4 14 1: cnthctl_el2
3 4 14 2: cnthp_tval_el2 cnthp_ctl_el2 cnthp_cval_el2
3 4 14 3: cnthv_tval_el2 cnthv_ctl_el2 cnthv_cval_el2
3 4 14 4: cnthvs_tval_el2 cnthvs_ctl_el2 cnthvs_cval_el2
3 4 14 5: cnthps_tval_el2 cnthps_ctl_el2 cnthps_cval_el2
3 5 1 0: sctlr_el12 - cpacr_el12
3 5 1 2: zcr_el12 trfcr_el12 - - - - smcr_el12
3 5 2 0: ttbr0_el12 ttbr1_el12 tcr_el12
3 5 4 0: spsr_el12 elr_el12
3 5 5 1: afsr0_el12 afsr1_el12
3 5 5 2: esr_el12
3 5 5 6: tfsr_el12
3 5 6 0: far_el12
3 5 9 9: pmscr_el12
3 5 10 2: mair_el12
3 5 10 3: amair_el12
3 5 10 5: mpam1_el12
3 5 12 0: vbar_el12
3 5 13 0: - contextidr_el12 - - - - - scxtnum_el12
3 5 14 1: cntkctl_el12
3 5 14 2: cntp_tval_el02 cntp_ctl_el02 cntp_cval_el02
3 5 14 3: cntv_tval_el02 cntv_ctl_el02 cntv_cval_el02
3 6 1 0: sctlr_el3 actlr_el3
3 6 1 1: scr_el3 sder32_el3 cptr_el3
3 6 1 2: zcr_el3 - - - - - smcr_el3
3 6 1 3: - mdcr_el3
3 6 2 0: ttbr0_el3 - tcr_el3
3 6 2 1: - - - - gptbr_el3 - gpccr_el3
3 6 4 0: spsr_el3 elr_el3
3 6 4 1: sp_el2
3 6 5 1: afsr0_el3 afsr1_el3
3 6 5 2: esr_el3
3 6 5 6: tfsr_el3
3 6 6 0: far_el3 - - - - mfar_el3
3 6 10 2: mair_el3
3 6 10 3: amair_el3
3 6 10 5: mpam3_el3
3 6 12 0: vbar_el3 rvbar_el3 rmr_el3
3 6 12 12: - - - - icc_ctlr_el3 icc_sre_el3 - icc_igrpen1_el3
3 6 13 0: - - tpidr_el3 - - - - scxtnum_el3
3 7 14 2: cntps_tval_el1 cntps_ctl_el1 cntps_cval_el1
`

// sysOpNames: mnemonic=operation; those with '!' take no register.
const sysOpNames = `
0 7 1: ic=ialluis!
0 7 5: ic=iallu!
0 7 6: - dc=ivac dc=isw dc=igvac dc=igsw dc=igdvac dc=igdsw
0 7 8: at=s1e1r at=s1e1w at=s1e0r at=s1e0w
0 7 9: at=s1e1rp at=s1e1wp
0 7 10: - - dc=csw - dc=cgsw - dc=cgdsw
0 7 14: - - dc=cisw - dc=cigsw - dc=cigdsw
0 8 1: tlbi=vmalle1os! tlbi=vae1os tlbi=aside1os tlbi=vaae1os - tlbi=vale1os - tlbi=vaale1os
0 8 2: - tlbi=rvae1is - tlbi=rvaae1is - tlbi=rvale1is - tlbi=rvaale1is
0 8 3: tlbi=vmalle1is! tlbi=vae1is tlbi=aside1is tlbi=vaae1is - tlbi=vale1is - tlbi=vaale1is
0 8 5: - tlbi=rvae1os - tlbi=rvaae1os - tlbi=rvale1os - tlbi=rvaale1os
0 8 6: - tlbi=rvae1 - tlbi=rvaae1 - tlbi=rvale1 - tlbi=rvaale1
0 8 7: tlbi=vmalle1! tlbi=vae1 tlbi=aside1 tlbi=vaae1 - tlbi=vale1 - tlbi=vaale1
3 7 3: - - - - cfp=rctx dvp=rctx - cpp=rctx
3 7 4: - dc=zva - dc=gva dc=gzva
3 7 5: - ic=ivau
3 7 10: - dc=cvac - dc=cgvac - dc=cgdvac
3 7 11: - dc=cvau
3 7 12: - dc=cvap - dc=cgvap - dc=cgdvap
3 7 13: - dc=cvadp - dc=cgvadp - dc=cgdvadp
3 7 14: - dc=civac - dc=cigvac - dc=cigdvac
4 7 8: at=s1e2r at=s1e2w - - at=s12e1r at=s12e1w at=s12e0r at=s12e0w
4 8 0: - tlbi=ipas2e1is tlbi=ripas2e1is - - tlbi=ipas2le1is tlbi=ripas2le1is
4 8 1: tlbi=alle2os! tlbi=vae2os - - tlbi=alle1os! tlbi=vale2os tlbi=vmalls12e1os!
4 8 2: - tlbi=rvae2is - - - tlbi=rvale2is
4 8 3: tlbi=alle2is! tlbi=vae2is - - tlbi=alle1is! tlbi=vale2is tlbi=vmalls12e1is!
4 8 4: tlbi=ipas2e1os tlbi=ipas2e1 tlbi=ripas2e1 tlbi=ripas2e1os tlbi=ipas2le1os tlbi=ipas2le1 tlbi=ripas2le1 tlbi=ripas2le1os
4 8 5: - tlbi=rvae2os - - - tlbi=rvale2os
4 8 6: - tlbi=rvae2 - - - tlbi=rvale2
4 8 7: tlbi=alle2! tlbi=vae2 - - tlbi=alle1! tlbi=vale2 tlbi=vmalls12e1!
6 7 8: at=s1e3r at=s1e3w
6 7 14: - dc=cipapa - - - dc=cigdpapa
6 8 1: tlbi=alle3os! tlbi=vae3os - - tlbi=paallos! tlbi=vale3os
6 8 2: - tlbi=rvae3is - - - tlbi=rvale3is
6 8 3: tlbi=alle3is! tlbi=vae3is - - - tlbi=vale3is
6 8 4: - - - tlbi=rpaos - - - tlbi=rpalos
6 8 5: - tlbi=rvae3os - - - tlbi=rvale3os
6 8 6: - tlbi=rvae3 - - - tlbi=rvale3
6 8 7: tlbi=alle3! tlbi=vae3 - - tlbi=paall! tlbi=vale3
`
