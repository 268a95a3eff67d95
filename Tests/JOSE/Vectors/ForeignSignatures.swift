/// Signatures by the RSA key of RFC 7520, §3.4 over `{"sub":"alice"}`, made by another implementation (PyCA
/// cryptography 50.0.2; the encoded messages of the forged RS256 ones by hand, raised to the private exponent).
enum ForeignSignatures {
    /// PS256 as RFC 7518, §3.5 says.
    static let ps256 = """
        YttLMLPEy3JPj4h31vop6yrQ5PhOTf88jLqS1aXTXxORcltliw6ar8dwIL9gIWKhFHb40yPRSK8ab0Eu5vlj0YWO7imSivcMbl-w1hECj5\
        iUZqfungRTdO7W4a2XgutRZgOp91AIRRfAAIRe-ZhjZZOvHMl4Z1xbZAngQik16MzH2FprgQ452f35Xf3xNO_OZNWI3T4FZUqiUQeer8NK\
        We710yi14kv9DJefZTa0X5bRY1oGyBI-6BnIwGqqVUi4jFRX27jUXKmD2UN3Q60Q64R3QoppkfSzVgZr0kzqwKfKR5XajkXPwPbLysZuoH\
        F1XEFaDDYnEcRVMkoCeHcvYQ
        """

    /// RS256 as RFC 7518, §3.3 says.
    static let rs256 = """
        EPFJgmtsqY76yxpLLKPr2EbhedVTJjQJQIB2sGgbZeJY6WR2ia-8ETTBroE2QTFnBEppbnZUAOe-KMk6ufWi9XV6Pf0j5gpPG8APNiLzfr\
        xYHtfquumMXpHP17fmwXgl1mBMjL1hVkjxe_7rol3goqwfoaScWTlfpZwa859STuK7_5kzJZ2L-3j9dQf_-982J-aeULlw2UFQAazsuLj0\
        IIaFb5xgttySA9nGn17xACaOctRTZYjYo5Vui4ifRQ28nx5nkmIWy-WQdwASVP8r1ZPXxGyEZq351HlrE9h5S-G3UcRMnav2p2AvH_O4DY\
        cMbQkMumA-n0CzJtWDLs3qXA
        """

    /// Claims whose RS256 signature begins with a zero byte.
    static let zeroClaims = """
        {"sub":"alice","n":80}
        """

    /// That signature.
    static let zeroSignature = """
        AGUpDSHJ-Je95A958fU14nXw4kBVWrpf8a6PqIOmcACSyNoMrJmZBDuzr8nuCzNvQ_QT-0iVliiYGdQrndS6R9hnsKWI_SScCxDjdHLVhd\
        Zbs8bvyCgR-YtUE7ZEUxg_PzPqFQ7iWeKKaOR-yAvG13v3LyGR-0SNOudPcM-4_t5v1jX_DTyGRuvhYtj077KNXj3iwXAjR9ItQbxjcrnP\
        ujYNCOxNBhDJAmOQX4tXEocYWXIoFcDOaHfxugNaDUxGPteOnioH8_ZzpWCAmGYyU2-FvSJjgqqJM1QDcVwvRsBd2dWozqpaaWWuJ5fAOZ\
        J8-0RosboVPkZXkL_RG0bGfQ
        """

    /// Such a PS256 signature that begins with a zero byte.
    static let zeroPS256 = """
        AP92mbIsXPNv-DUhmsddxYWByrKu9W4CzkV-KPYyagsHw7dsTmJ13MXUyew6VmZRkWcSqevV3S4Y3CusutM4zC6VszZ6gQhub5KgaeqAH0\
        R9HJ_ecfvwUbdJQgMyXTptVRiXRPR73-e35FxWUxPFRAnNncZOVpzXZH57Y4QXxhLOpFnI059ZhBWDqlL3kzaxlbb3BkuaMsHR9AmD45Pu\
        _G-Tr71ysMcGOEl968kzVCcDcn_WyhpBMiJWSXfGZduD-DtbprGy_mDGQgLgYL0NKN9zDEVe6Rl1nqhLYAQKv_a2HUG5ckUDYVhjHSQqUq\
        XGhumYdU0O0GyXFCAZfsUzSg
        """

    /// Claims whose RS256 signature is so small that 256 bytes hold it plus the modulus.
    static let smallClaims = """
        {"sub":"alice","m":80}
        """

    /// That signature.
    static let smallSignature = """
        OKTiFeQxQfZM6JNUCCGNObN0akZJjMw64-MCYVdVUTomR0Uh0JdqBjkFaT-VRPX0DNCF_wWhj4Y3LO-hXDwyG27G8yMJ0S02dOse2EsnAV\
        co0IzxATvcJLeopnq6RGQTMAHWXcXbA7B3fAToaHTABe_ezClzaT5wmKDSt_9rKzhLfV23LFlwKESE_rbPYMlvmCodLJM6E9OrXASIxg48\
        e8hrnGZyhdLA3YGpueAlV6TS8VTsTD4gnDjR3c3IdPXyWb2FR9Au7RBMG4Xe2kPkcT34J4kzh30vjsVfdKjC4ekD0MeFYaz7BtmFqcCixw\
        FaqjjkIlo_DxVkK4K-0uQmoA
        """

    /// That signature plus the modulus: the same number to whoever reduces it first.
    static let smallSignaturePlusModulus = """
        2CXxyeeztcZyendbR1Nf77OP7RUk2l8rM_lfqScgCd3qY_yafQy9f3iUYrUL0hAXgaj3JGplTF2yy5PVsITLW-vF87yb28BQma9gIJ3SKx\
        TZeej3VS9IhZ20n4YcnUG4nzja2Wud1YChK6GFqS-HsDGmVjdEb8lOAj9TR-lsSdmPmugGqA5ZpCgkVKitNRgL481SQio96Kb2vELt2oiL\
        n58_XP_e-8CvYewsi3DTaB0Ph3HchLkNvT-kriMj5M8qVJLYm1gP7INL2f5y7kaVKWDiUf3pjQlNOr8Svx-ORaGDevPtqWXdilmFOtkRMh\
        1vO1XdrALPob2BEYScf7ggbw
        """

    /// What PS256 is not.
    static let wrongPS256: [(String, String)] = [
        (
            "no salt",
            """
            BTZXG61EbS0v4IOZRV0AHYXxpKHl7P2BngyaqPVvjhKrx24AnnTQHw6ywA5csYzYyHB-umMdmyCJZkY1XED7ffwPMPq8e1EVQDn3P4\
            pm2P9_xK82-eeHfNt_3cjfUE8DSz7YP1smIxnl99XQWKhM6VsOXy88OD3QPF3TlATaxpH5MBb44ocGr6xOTgRPCIoTGVlXm2dt6-iF\
            9BPz09cPpejtIsus9srjuXDb3BEjaD4JgwQGZeMjA9qPZg1w4K1WaKr2PGOkKrqyZzaPLp5stXk1GQetat0Dj7utC71-U6ALC_9dzS\
            nmt0VK2HWKrO9TDHCdfn56_Hw5kEqG_uuUMg
            """
        ),
        (
            "a salt of 20 bytes",
            """
            mDVHr4tcMr6K8bLX_lZeaLQUXkHuonc7PJa_0wewgjbAJ8mnTseVXXXJfwNs3f4ZAu91oV4mE9XHlQM29lq3J6R6ixtLP1Kcx-VZyc\
            WYcvXwOqrQH8UtjLqnCwtRMoDXP4N36fIdkW_PgdvuDh_cjq1h1EuPf_G0IiuVM8af-FY7h1QHghlmzRB4S4xFa8N9PR1J9Rpt_tFx\
            W3Gt0N2WAlDc-5n4daXY_sgiPKiZpMB-q92ZK2qMSBSlxwilSsznr4_JPpEj6MkD5GB_l0upklfZp624W-fgONcLBW5emrP9NINGs0\
            5qik047p-37MMd7S7CA7PoI2wY1d3VhiTk6A
            """
        ),
        (
            "a salt of 31 bytes",
            """
            MLZnGgDMUPSFnLEEUE4zL2JsEzUg30gGF0i2QR0u_5ybtZVowjMHkkeH4ghVDDrUZwnxyuYtv9BKBiDiKGvBktwSXHJWlUHoIsULoV\
            8qcfWyU-6PJs2tXm5Vh2UITHSY2qfKw-tys4KDlz7B1nw0n06bacC8Uo0fsXy4XCrIvTUzBa46tHGCrhShUfVlXysscxDT_9_PVmgf\
            Yj9uthXGgSeZ5JlLBxlhZrdKXPHs6S29sXvx6rsnAknQ2_8dQC1XezJDD6FDjYalpramJgKWrMR6BNwjm6mLMTGqlAZBx14aSay_bA\
            Yxy3Z3UsIs8P4Q81h6Iu37lrd9ff9wEcSSPQ
            """
        ),
        (
            "a salt of 33 bytes",
            """
            F4wBbsZyxoUydoYGMg6QpLki2QxW4AWOT9Q_VEXoPJevLeQKaxVbU1rkDnw7tFl8BszgIFgS0l5AXrj9GhgGbfT-hog0-BAOEIxlrp\
            iaQRzikWjVMTZ58wYi57qvDRL8WWks7uOUUWkzLu2a7uhWskB1WCXPdcO0GFAUGe_tG8g3p23bMYCzeEJfymlubx74CCuA1x0LBu_S\
            ROEiQ0z2R_dTSlTDuC6_qYys2fOfzJgBIlgH1PvKtMKLc6eTasRje9R1VXSy4ZVqckx0aIFebc8Bj_k4QmRDxvxj-oD95p_YMQW3n_\
            as-xhnzpF-1jibIMBoHSqtoGrbtMtK5-sbDw
            """
        ),
        (
            "the longest salt",
            """
            OT002VKeNpwUQInzk22E9VrMt9vQatzJj5ZttagH_d1KLd9IJnx9S_NKEdgTs_4TLSeNqnqmyJJntrIebx8He8fNtsMvVl0EuSpY7a\
            WRz12FgdY41lP1wueqzHVWLyhSb00KqxwkBsyQzxrS5tsc9bBlJR9plUJVhJM0EI7bH4w6RqXFGmayorpGb63ntEC8I1MzqVA0eeHw\
            SEbGL6lDrgld3aHkImcvJOjFF108GONU7Ibo4I_3eiyl4ZVFZgPfXPTzv8g1L4CVFVjIitOJupH4ncj73odTdLAaAv3KdT4_Hc8huS\
            2orVNx0t_emGnPztt3XjwaCVViZSW_zdn5cg
            """
        ),
        (
            "MGF1 with SHA-1",
            """
            c3EWevLPsFEeyp0naZ5r3M9u1mVoBm0Kmg_-al68ZsNqG-SV9nfdOeORoGJCN6ygjxf0firnECUGbSyHhpB5SLbKH9U0UkFZvuUTUO\
            b0na4mfCoGXZlC0C5GFqrJJZ6rEI61GrABlMdLpGrypKEXETUqYe1H7XfjaqLnhqctJUTnjbdQ4lEd4nKEFtvzg4n0Rm9KmivKwUiJ\
            GhoWmb50Cc7o_lNjYTN6OJCsBbrhym_mFiKHItv7GBpUxVcFRblGdKBETNGvHdO8svHb77Gkr5FjCA17-w9STZJ-OA1ojdTqlwVpwM\
            1bTNN8uPXSJ73RZlqY2lNvvWIeTKGDAZz97w
            """
        ),
        (
            "MGF1 with SHA-512",
            """
            anxEZBWpMGtYhVaKuVwY4nl1TxhdCuXt8RFqx8RiANryIeXc77JgP8kEu7UcBvfVOAFEnJrdiMHPXeaysFTibm4mfNXNPQvXL8bHz8\
            maSkXlC7IbeLwNQuqCjgys2Xrm687db97RVP1tCTF-zV6pVcezzl6r-mVF24FA4ZQI5y6bFa8jSHULTQIPQ8q8BLRGc07aKQJXy-xB\
            UuMuijmh979aM-edM5setIjXArMc2_sBcc7r6qdOiXBpiSbq73ZkirPbCzc0FP1sBDXOsg16AD3LVFYyyFHZNTPj2uh9WFU2t_o5LS\
            9S7sHUhu5TrSq6Yx_WTVQ9rgckZdOZZLevDw
            """
        ),
        (
            "SHA-1",
            """
            ROOyY_K-GlUd9LVLzHw57o0tk0UK8frcKVdkSdsBPwwKrimZqu0Y28es10aXW-BnK4TT4rkWwZL_rsto6HAvqEcG77ChfUE60Lpyp0\
            XIYrgTJUejny5yReDQ-jotmztJwydEwrGApZIOU-Si_opdv6MfSojmGMl_GvM3UVQp2tfF8k1nwuTEWLDioUZYdJGxTF9SSszTlxnQ\
            TcpsYeeFN1JUox6XL-jPkJ631brQ9yXPYpshR5yv3PBAB3HAmsO4VNGZlTCqftjDtR5lD7kdj4GUbHIV6CHAus_XI7-3whyWZ-d2YI\
            2yJPJpUy_C1MbTDUynMBdJq6rNuQdYEcLG8g
            """
        ),
        (
            "SHA-384",
            """
            NjYz5HGNoQCGtC3M2SXyhfsx-c2SerdS-YC1AIrK9od05Oeiu-kspkJ73t4J_VcnZA_9wy9mmgQYo6AEaCCWgoEX3igHT4OBmjO5mb\
            3S0fpRiW9cLR24WVsOC17tiTQZVKYakVhLD_v4iCeQ_BV4bYFd7DQwpjSC8lpoZHFKHnvWRS0w3gLQCCA526Ls-erHS7MvFfQBuaFC\
            cCBVU1cgHZAdAOkMO2hLnlsSm4EIePWAIwiIgr5w-Y3Q9IV6juksiqxxGahJGbak6ZeFXU5hshFfxEcDdJaPte_ScsLEQj8TUvPftY\
            -17VXHpLDIM2lPhhWdMPjH_pw3xcCIT7snTQ
            """
        ),
        (
            "SHA-512 with a salt of 64 bytes",
            """
            mxJur3MoDyTXNE8eZ_JoCATuuPC9lXUQ9z8jit5YS2O8h3wqs0f_3AX-Is9QZbEdrUBU7KxqWnV0KOmcOBWnRUGaiGoj-AbEwiX2KH\
            W_ParDUt4aFsGAt1CJh-RTBGtRXb1F6Tzy5EFgiyUXpuTRJn22FJfNydQ8mjzLqb4dwr5QxYloJP0RthYt8wxtLqekQOQyuyjCXb0d\
            pgXUtF_6Asr5HJJF4f9xxr0mbvLiDqto9TAV9_V5eeR31fvP9LxMxgnWAFDZIY1DgAr0EWv5SnL_mPR7wB0RZsYNcLSESO6fEClsb8\
            Ylbl7naskqY4a-0HB_fzDHaMVxKWRy-S_r5Q
            """
        ),
    ]

    /// What RS256 is not.
    static let wrongRS256: [(String, String)] = [
        (
            "no NULL in the DigestInfo",
            """
            Ai90cDl9-2ve5jsXqFJdruq7Psza31mdJ3I18XdjnYCnvO8gwSApvJqAiT7iMUzuO22gGhW2ZRR9_lMVGD9E8CeTabaVgoPbtOTWAt\
            os1dLMBG4KKc--MtgBPhfP0oLplKAVs73LF57lMQT2rG8pj0g0-q8ilW6NzRNXvD04XNmHY8ZcV57ZcKsQCxNgr7I_W9eeCXRUR8vu\
            dD0SnXT4NdT9E8lMzg3KyCbu3Upvo5cOVQeTGWzPGqg3bmP10Vxv0yahvtRoKMAQcvnghO53fSiwRn89z80ypxXgVlSrYjETcPsBOx\
            96mLjCWVt-z40GaVFwhWArjZb2VPSoYHzo8Q
            """
        ),
        (
            "a length of the DigestInfo in the long form",
            """
            KsKoA8y1mj4mn3OZcpXd7s8z1KFJMvqTH_NB2y_qHun1eqfhOipKfUuBp7jbht0Gc1U7q1DlxCU34nYSi4ggneS7vE9xduaY6FHRXx\
            3s06mpBWHxnYmKA9Ke-7Ry7WpJcTOl97XJkt4SH-Vx2AjaNU551lrtXnL_C6D6hnnvi-JJioogEsKj7Cnbu72gsr0XHgdINoTUj9ne\
            s1od_1Crj2kI3QjeDfV15n5FKtzPCPa8dzdH852s5_m7H3-0u5vJ9UpfNs51rYh32rAJFV3ZlUfMly_krg08ULOp-JxtRG8b5lTPx0\
            _m_9bUaEdNpz3DKWhRBsZ9Ph7VDc542kLUrg
            """
        ),
        (
            "SHA-1",
            """
            JYhPVTG65qP--3dVP4xCumcfPYgUWL7sZUVMNAm6uVUEd8nHQCU8XAeaJCHZN-JSHsnf_rI0k2Yf3mkFRwFrfUcGNTwHuu4ErgAx18\
            acnp5JodjuoEEQUmCvBgLoW-wPlh4K0OrZEmRR94myB8BaWQb0Rjw07Rsipwl02Y-dEpdIzFnMt1cyJXw5UxXQPn9l9on0HgrX-fNQ\
            0piuf39jUr38UhGoOLeZx_Bp5gcR7Snags290sf_SnVX1kOO1GCb30NR8CuuLW8X_mFSO2I7J3uz5PQxaGl1Ve7ZuI0kwoTquTz7ol\
            j1dbhxH2wja3NoQsfYkzAZl0XWdJ3rg7xTtQ
            """
        ),
        (
            "SHA-512",
            """
            Q2mAEtiMEgwe9k4fV9Hb6vMonQqT9Dlli3IVG5gbT56rzzmo7-cUZvFp2NhoJajEbG1YvxKscxsyxKv9EXwmI7rlBrAdONwp3X2svx\
            F7CdGN4N8kqo6un2vOAPhxNtoiFaoY_-2OTFuFNxWGZ6eJBiRVO9OgzYfuW6aRd1EEJkb0Al5pDW4QIl8umHO-smH3KCBYIOkPlVXi\
            8Noiwd4d2eKJFJsbCduhihwpDIHGTzNHe3S1EKtznwvRoBvaeCRSYNc2tIF8jy70wrVHZ4uHsOToMicfKPBzqJXPN3BlwGtrcWp8kH\
            4duk0ReoXccLMxdQgMLrM3p_HFjj2Uk4Vmzw
            """
        ),
        (
            "bytes after the hash",
            """
            bTwKDDhgLFGhm7BfzL-cRuVoLAaTmiu8i47N1cqzqcoliQUgORJ4ETPt3msIYvraPgiO9rwd9LMWtVMPs7Xv_qYHre0hTcAhsX44A3\
            Xo0-pVXBoWCZcc2Tf2CtWU-MdEhVpD8P88Yyd3Qp_XziSubJtoCSEHpnqmG5jdcnQ5uDG8UNUPvfINgPWdhnDt5pWURuQ5Krcdu-7I\
            V87Tw1NN3zZ9LoTsSCyeaBfD2_L294dE1C6Ab6BW0obwtgo22zAvWjPmHkdT2G7gQHDM9-9ysdPStsWv9-F2IciWGueJot8fqWwDy7\
            JqUBfuFs7wcDSh9S7QtHptZ9bko_oVMt2hpw
            """
        ),
        (
            "padding of zeros",
            """
            TI-UOEt2eRTYGs7rGKzdVNmh8rxuLGy0uvoZbXEsWzhxURUKrsc0L0fckl2_hPT02lKkzmtuBiwd6WBi0NAIb7BYfZiO4RRCYsdq9f\
            F8ixcECw85Bk08lOQohzFr3G9NrxoSaz6Cd0iOiy0PTN_m7SwrUAIdVmOkW76RSPkIYmItOK5QEFNwQoC86SIHIFLd0C792ua6Y5tf\
            TkdGLakbNJTlOE53xHXU81m4NnRXoFJoTwXcOwK5DneQBkqclpcSC9ppYi0Kkvmh0sY2avWmszQyDW65u_xLDnGZf6K2wEauoavUoN\
            WfjR_s22Jonm-3Sl66K4pHKdo9f08-6FEfkg
            """
        ),
        (
            "padding of the second block type",
            """
            OPd7cfRzi1fR4wAdANCZQ-fd_QxScaztmPKjau3_13BcjagdpgX0Aur6oBoIHqLtVi3pAJKrpDZCGXreiCbgnk9IhK06d1QcCWVQc1\
            ZpsHPTJBNWr0eFridSavQj-etRI6TsTYzBGhkKn3PzU3krfDw9Cleny9JR6YFDEA5_a-JE5BbJJM0Z9864_0iqM5CkQNeoQmYA4KY0\
            hfFR-o9UqKkwmu1pO5vglEbvOvnGRR2rpLwOopMp70i4hOmLQ_yh0lpT2n7qoy8YHiP6ET-g7rS6xT45c1mj_3IYQ5U2CrNWPoGwvP\
            U-Ivn4z8PHTZor27Gv_n7xd0U1oDisviaAdA
            """
        ),
        (
            "padding with one byte changed",
            """
            gGvap_6x0v5F5BGqptV8RmXp9fOPx3G8mSJNiQOud0df3MWW1H7QtDpimDDDbVaQnbIxyzC5EW4n6XVhettcQ0JjPkKMFzMmKKsNll\
            UOCP6uC2VxGJ0PNs35nnclKv3IsVWJJg1HxARrKX_qua5-JCBhzmkG29IobSMfwnUWcvclOn6n3b05uFGj-0CjgdODiRpgNggNrfH_\
            5qhl3IPPqAg6dq91Iudwi13hcO4Seg5PrvCXeX758XdPFR9kLpvWGybRKVcpT8tWNkAuX9KujUQqC0Z2u4STUAgCsoEwG7YmhEi90C\
            6h0tFi2JnV5sCY3Apei43Vu2G-mDfMk8ci9Q
            """
        ),
        (
            "the hash alone",
            """
            TYryD3TYr32ur3atBYA_1DNY4jVrkqFE_XwmDlCOo4ZVCpx6GXizshVOi00oBvE0q6fuWEg__Xczwknt-mJK90zL7rXB0TWQerUZCx\
            S88pimp7dPFuDB6UpvEhNEhQnb0d4b6T0-csM3Jl26pPQyeuM0sMvLpRtdUY1iZhLpyUAnY7UF_47lo2S0Qk3mdXlfuhh2_hAfbdZA\
            W5CY0cOjOtgBYfT4bWHoFXZ24y-Uy7V5i9dNmjz6d7jOGJdvKH6JEkw5lBBBWqPWpkZrqxVOXob3-J5SNzB_7O-2w98sWKcZ2NXPFr\
            cUG-rpf5wSjXRyqGYp46lsFJkLyoGkBLtyKA
            """
        ),
        (
            "the hash of another message",
            """
            h2i4aAViMy-o3V3dVTplHThluCPyRHp9nPH9Q9Htr-miRl6l-8j1DeU65Qbdo7MUOV2cYaqUiEX7jSzJuOaGm4VslDy9QT68yuRGHx\
            TsW7H5mIYbC17iIk9FPGfV35Wod0WzkgbYuzmbnb_X3x5PZuXEsvzmQDHQr2rA2GvN20CtwnFjmHZFU2ORXexr-4pLGA05P2fWt_q_\
            VDVmYrCs1gGg5E7_0VyGVP1ywqkY0VgPQpQZ8KKQ3VXpk4pwgHs4LCwY3SDwF84bJypSvTYCDH97Mno5v9p22dSVTD0vhMBxwU4WLT\
            7FAs6dhK8RMrQ_AIMtHCk94Y8kVRH47KDg6w
            """
        ),
    ]
}
