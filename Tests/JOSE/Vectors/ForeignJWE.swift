/// Tokens made by other implementations: jwcrypto 1.6.1 (`JWE(text, header)`, `add_recipient`, `serialize`), and by hand
/// with PyCA cryptography 50.0.2 the ones that no library makes.
enum ForeignJWE {
    /// What they all say.
    static let text = "Grâce à deux bibliothèques qui ne se connaissent pas."

    /// RSA-OAEP with A256GCM, to the key of RFC 7516, A.1.
    static let oaep = """
        eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkEyNTZHQ00ifQ.QZAw-bZprdcm4u-c-Lede-g3WGjyjv8BBhv9PlCPKVl9O1bxtJhdapZJvAD\
        j2GSx_3CC_xCwIpoe0vAWjSeLSivSuEXnH2-_ixZ62-DsdbmjXxYcZsznRJscR-g4Ko_T6eOGjgIwkVprwvM9VTxzteXKThQLHPjwTcG0k\
        4ECGbVt6v5IilUugoD84bDZyItp_NJuBNxD33n_NQqJAGDPFVhfzSmAqM0xoCPvA3APhQx31MJgkW9vTLXQ13CeqAfWrOjk9VPy8Kab0ts\
        qTzmr1qG9Saz8GSAUcBsAByrkvh78kV9etDoOYJgJWec5EFV33R8ypjFt4w1yE1920yPJwg.N6kYzTAC-IfC6RiT.lfsdK6szDcA8DBBg-\
        xbHWiTdIcbrI77BEK4n9dTnu_gR2oB0vwi8NFCm3trWG6O-JeLs6yc-TgI.PKKxhqXKpsgHIEwii4wblA
        """

    /// RSA-OAEP-256 with A256GCM, to the same.
    static let oaep256 = """
        eyJhbGciOiJSU0EtT0FFUC0yNTYiLCJlbmMiOiJBMjU2R0NNIn0.XoCnk8A6DYQzZJSv3GR6nbzH_7JPm9tvPwt_92tcIeMaPX-klBI7Vr\
        i3h_PfK7VsnC7wIlYoo6lbHe0Rxs6dLz357h4AleboNUz1ep2EPxkgXcxzHOLc71NTKY3SefEUk10iKaMltoFR9dSQgDCXjvklrWUlrtXH\
        Kpjqh8WtmzKbQf6rqS1HWF9XW_YmiiTxJD06MbBMov1Ip3KN-ER4CYFSM456VO6ewDA_6xQnd6rPNS9Ab7V_x02W38xEsNRz1bWVgBK0rb\
        06M8EsHjsOLbAPU9feIjtRtiM4U2KTPYRdxE0FCDInRqzDBkbP_6DNWU1Uwe87WyNA9pkakNNsng.alcKFdZa0XzGFXIp._szY4Av_hUES\
        F00kclwaxbnxs9rse6rs0uqdAwuryyhZd4Mlmpk9EK6KfqygIk0nknbhoQ-GMcw.fzs-x33Kkb2H2x42Y2yS-Q
        """

    /// ECDH-ES with A256GCM, to Bob of RFC 7518, Appendix C.
    static let agreement = """
        eyJhbGciOiJFQ0RILUVTIiwiZW5jIjoiQTI1NkdDTSIsImVwayI6eyJjcnYiOiJQLTI1NiIsImt0eSI6IkVDIiwieCI6IjUyakszZ3BQWU\
        RjNjJOVDJyckFaVG95T0c2YmItRTZjNVlZdkQ1WXpjanciLCJ5IjoiVU44LXVYc2FaRDFqdWMwSTBieHExSjdSZWRHcE90MmI2NXhidDVY\
        Y3Q4WSJ9fQ..pn7ckyHQYqFJi6iA.VK_nVIxsyWBC1D3YYlOmX-PM9o-4tvi6RTkPFcXMN-pw2PMhwCvWH_xOw6dsmOnbPlAYWuScy3s.l\
        Sr2anx7CWADeHF59Kombw
        """

    /// The same, `apu` being Alice and `apv` Bob.
    static let agreementWithParties = """
        eyJhbGciOiJFQ0RILUVTIiwiYXB1IjoiUVd4cFkyVSIsImFwdiI6IlFtOWkiLCJlbmMiOiJBMjU2R0NNIiwiZXBrIjp7ImNydiI6IlAtMj\
        U2Iiwia3R5IjoiRUMiLCJ4IjoiMlRaUnpmQV9kTGwtb1JwQmUxUXZhS19sSEFTbGJ3X3pIVmMzemFsYWg4cyIsInkiOiJhcERvU3BtRFI3\
        dElUSm9wbzV4UmdXZDdKQnFQeW5SakJ4czVCRTAzWGQ0In19..O05Z480CiAYcMx-l.-7aXYBC-vAAVQN-DAvS9qOw1xWq4zN3uWfxS5L9\
        EWC8iAJ2A4TL552BNaEyoTRR-pWvfjlH5uQY.SoBblAeQOkABwTisjX-lCA
        """

    /// RSA1_5 with A256GCM, to the key of RFC 7516, A.1.
    static let rsa15 = """
        eyJhbGciOiJSU0ExXzUiLCJlbmMiOiJBMjU2R0NNIn0.Cixu82qf27ItpWxyS_hF0NQWeJeBoyxSg1x80j6A-rPeIklpkPqQjQU5_uy_tg\
        3iCmqGszu2_Me0gfhePDyG4XUU2s4O30t4JuaRi7SzzaJNBoQv2R7TXfA_atVAZeXKPCHocHAGFTF-m8ruatRWLjrvDAZGiEkpet6e1ocl\
        CFT6U_O7RndMFL2LmmQ_yybbXko8Q-hSH1Iuptp1KRmN_RzY8YSO3ZMmx0p0cyuIeubthIUb4S_enz8uXrqJfgVp1MiBiHlWkPNZDjgomq\
        D16-m5QeUNGnvcYm3fU6Q4yx9UU86GOBUfHSbInLGRphjX23qXbrkTq3ZCHO8G43Etwg.9dCXBt5hc8XNtBQb.SHAGUiYBTeKqj3uXE8sU\
        zmy3ha9ZOyM7NE9iP2V4RHPk3zuEJuHf8qJ2LmrODpRhW9NF9d4AkAc.3ypwxqmsfqZZlsM3NYxR9Q
        """

    /// ECDH-ES with A128GCM, to Bob.
    static let agreement128 = """
        eyJhbGciOiJFQ0RILUVTIiwiZW5jIjoiQTEyOEdDTSIsImVwayI6eyJjcnYiOiJQLTI1NiIsImt0eSI6IkVDIiwieCI6IldIZTh0bnFDVE\
        dEMi1ZOU9ZWUcyQnQyOWdNdTJ6V01WQkt2TXRMejRYbWsiLCJ5IjoiRTdkUktEWnpMN210MUhIY3R3RWF3dHB4OU5uNHBOTTUxRTlLUVBr\
        SGV3VSJ9fQ..SGQUYJetis_USU9X.-YnEpsvQgQz1uDzqcGuUutYTmHqA0nEEBeYGAaXDORbwSp-nm97FXy3uc0VnL4zLQcANWgQ5J98.j\
        xB9k-fx_TYLD3kMa17Gmg
        """

    /// RSA-OAEP with A256CBC-HS512, to the key of RFC 7516, A.1.
    static let oaepCBC = """
        eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkEyNTZDQkMtSFM1MTIifQ.V8olBdu3CNZgdRGAXLKJFjWWrae09cuHQO_NJFMH06g5_tT8wW7\
        xGgJjU6ItpdZJmtJYE4OwBHqUyk-ZJ8POFoIUNe6hlI2Fm2Ne6_h7vx_j95KbEiQLdenFkQvmGJI26Sa8DCK_RDAWDrn51hHzLbtzLtOTK\
        -D3K-YXM4chu93rI_vQQJspXttUiV-TSGqrEJ7h8bOibDWH_vA58CBKK6NettTNDZ86r5l94tVO7yQsu2UAPKeZeBt1TfFzO2vsMdTn2F3\
        JRdsmADuZwMXei5MHiXMvYWM8PS9qPrSBGBpu4OYFUhQ3tdfj4t_EO-GcyOaW53COkgB4OQ5PLDwIWg.vxewUhpcXdAPqwNGMadpfA.jOe\
        i_8UWacApF8hq1ohrEqs9kXXAobvkDVSH7qZsL2UhWThyA7o29xasqwznZtS5EXlJe2Le-2GnxNIc_VVRxA.frGkYiV-ZOulWT99QCb6jg\
        7Sp6qfdtd3BR5-MYWDXpw
        """

    /// RSA-OAEP with A256GCM and `zip`, to the same.
    static let compressed = """
        eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkEyNTZHQ00iLCJ6aXAiOiJERUYifQ.LynhgELmA7eqciDAhpvB3o04DecPvJ40Hp_PvkYkxKx\
        mzf-NLQJMYkRg-C1XgRIU4W_GvIxavkp3ua7iBycW5CpIjaTXOHm-1BOVY9KG88QswOEaRq3GVujNJSJ5WuM1ICffkXMiI5vLyHd-9zBYM\
        6x9WQbBqOkRc5ZGSrmb5hdhHgMggboGNYjMtJgID2mmdmsdln4GlganGSgzsLei8ysBIEeWDkVVQPNxz9b0j3xyvIfv44JYVxLaAhklHi8\
        S8LUpvcr1eqF9g3m1VdUiHEmTSI7cD26IS61T82m0njwu99Mr2RLCpfnjJ7GqA_YIWtWnZUBKQUMtBhvZj8o1Gg.iMHNmtzGzSDbODy2.f\
        4D4ouwieLNX7KXN9qLmP2pvcxyQhPKHgF4Gno6exCZw25IxPb-_4s6oYMjK3lSXOWGTSlJGJPXTlw.aAgj0NHDtQDLNGgEdPRcig
        """

    /// Tokens whose key is encrypted in another way than their `alg` says.
    static let wrongKeyEncryption: [(String, String)] = [
        (
            "RSA-OAEP: PKCS #1 v1.5",
            """
            eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkEyNTZHQ00ifQ.V-GvWGqLPgLshGhtVPq0yJc36aGGd2J2IXacnLCAEV0wKcUdcZHr9jc\
            EUY8O5vIEh_ZOAjcNdpej1PgrfcA43GnkSi6RsBzhQOdPj1IyzmUfTTmFW1UvwVzY21CV1mr4DH1xrgFVnpLQpy9WhBvHYx1AWIT7k\
            en31NnLUVsGPl8zJymj0BYD0Y22IZ5S2q4mYbAIs3FBgrkv5ZsnyWZPrV86YT-yyX5B7HXsezc7A4_GZapJmVMmcNWJX9ReieYoFIy\
            Se07H5ePFxiW6bCwe8yBWIrwM68n5JEff5nb5izd6QWGPZp3CsccVAXVdXZ--A_dbIhRqPtdmehf3CgRE0A.AAAAAAAAAAAAAAAA.S\
            c52fNZJo36oiM1QbVSx-7shOjpH9QjsKO_G5rbfLCMnf4jZCoHdJlCsH5ugpxo9zGk1xgkQNYs.y8nbLbXZGxOq03t0CGsi6Q
            """
        ),
        (
            "RSA-OAEP-256: PKCS #1 v1.5",
            """
            eyJhbGciOiJSU0EtT0FFUC0yNTYiLCJlbmMiOiJBMjU2R0NNIn0.Pr38fbjKomwYB_GXzyb3iVOTpERvEZ8rVi9Th7dSdy9TJiEIo7\
            jg0rZMfksh96zvYmW56CEjf0QwPoUeADzNRPxUikEaldW30VWv82UQ_GVl4YsPwWVFnANSjv15wEGrPKIFWVArlQOMkS1ZL6X29WAP\
            xVAYmyfghjavDhvvCKukm0nPZzJfdNKYcElXu3dEX5QT64mVzRmHnRgxJaWuCBpK0d_N20VfPE91KfmxarBQiUvXeY89lbAwO0rAm5\
            XRg841ZHHBLoQMoe4oH8YXr18ODGaOUtpBVxScKO_O7PwoqJ8Dm1XszBkzQHn3hQ5rqhOxv7FQl-hoSI7HdU7AIA.AAAAAAAAAAAAA\
            AAA.Sc52fNZJo36oiM1QbVSx-7shOjpH9QjsKO_G5rbfLCMnf4jZCoHdJlCsH5ugpxo9zGk1xgkQNYs.64deAZ-7FD5bXqyebCHExg
            """
        ),
        (
            "RSA-OAEP: SHA-256",
            """
            eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkEyNTZHQ00ifQ.d8PYU5ymnRg-uMYKTaRZpayWXaRfSenREWPuZklGVKd6VT2qxRBY1UH\
            2kqPTw2wCPkD78_1BEhs1BMpgPG4G8l0G0n3rmUJS2KyMOBJmoH2yveYgiB5hRvo3zcKtbD-tVLBP04IgcMNhDAhCjJ0E-BAX_nHrk\
            Vy4Ldum4Nnvh0e3dh3rdMLByrpV2OSmfibHQHgqsKcL6rwSXlGNYhcc5m3gMbkXaIocPPzhC2kvdu67VSV9NndsDi4ZyQNvA0jJngo\
            qkFNAjhDMPw1qKtkA_bdP1kH3hKtwq0LBcp-o30BoG7kbCvlnhOrrnIq8SS9hqQqNHet7rXOsy6kV04e07w.AAAAAAAAAAAAAAAA.S\
            c52fNZJo36oiM1QbVSx-7shOjpH9QjsKO_G5rbfLCMnf4jZCoHdJlCsH5ugpxo9zGk1xgkQNYs.y8nbLbXZGxOq03t0CGsi6Q
            """
        ),
        (
            "RSA-OAEP-256: SHA-1",
            """
            eyJhbGciOiJSU0EtT0FFUC0yNTYiLCJlbmMiOiJBMjU2R0NNIn0.UnEQbVy3jM8FPBQi8IObhDpgeMmov_VrkK8AooOilqX9av-6mI\
            U9ZO3mdxrX-g2_qYwGMT-NZUiPoETLs4UR3UMyfey9uERombQQACsXuLj_dU4n4CfpGlTAdwaNezHMoh6I1rxLYx6G7-D5vhqV1K3L\
            XrEMNkcSH5Yf1I7Se2x0XOnFecqju0bxEwuCgkDvWWfK_EfPZ9oIG4M4kg37L7ZFlXXVxSUXLh2224o3Bb68G7npVm4Fdj2gPigs03\
            LWdPZQQWwTc0Y6RrsHcqt561rJJdvzfwZcqWRZmcBXPDVNySjwddiy9xFF0L7v49rqjw79ORalazQRBXaPUFHfIQ.AAAAAAAAAAAAA\
            AAA.Sc52fNZJo36oiM1QbVSx-7shOjpH9QjsKO_G5rbfLCMnf4jZCoHdJlCsH5ugpxo9zGk1xgkQNYs.64deAZ-7FD5bXqyebCHExg
            """
        ),
        (
            "RSA-OAEP: MGF1 with SHA-256",
            """
            eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkEyNTZHQ00ifQ.UEAciaoVLJ4jphEofMaCCxJUDEQKe44xnGX4CzsEed3DOwlfliegsbQ\
            lK_idsclumi2RC5BBYWBXz8jISPu3fcwxBh6LPu7r8fhwMelQiNzhG4F0HP12oZkX2cMsTZDMbOJx1c5pjyjHbKwmy3D-uOfIFf9cB\
            JB9WNdPrZOUC029zu9SpjJziP-rfiVwrosXO9PFucNdrT_dPy7gkgaeqdaw945UFg1NE8KHth3v6lVGYSB5yCocxC36JvhWoZKeELd\
            kzub9nXzgM-qXeQqi7rBLJjMlxahJtrtgq8yTgRSRbuLvKgTwNtUnnSUIA5EQEkwsuMj4BSNCTqN5O60xVg.AAAAAAAAAAAAAAAA.S\
            c52fNZJo36oiM1QbVSx-7shOjpH9QjsKO_G5rbfLCMnf4jZCoHdJlCsH5ugpxo9zGk1xgkQNYs.y8nbLbXZGxOq03t0CGsi6Q
            """
        ),
        (
            "RSA-OAEP-256: MGF1 with SHA-1",
            """
            eyJhbGciOiJSU0EtT0FFUC0yNTYiLCJlbmMiOiJBMjU2R0NNIn0.PXtZqFCDUatMeUICgf3j6nNHdRyb-XSnjylNIgHI2HVWjMJHrA\
            NI925hKd8Im49ZPcx026mTJdpCqjw1xXNU3SxyYZIa3foIqtsDm-wwJZ5g_Bx2tp5R-MK72fAhMiklIR5Q_Rwg7pPZ3J1SNZmZV3tB\
            YALXrTuTRKoKAG1Prc2SQR_6ji8UKvmSkcVTwuCjrlFik4eLEfTkS6_60PeJQHGR9REgh1NkUJnrN7OecRbd00appfhHOM-z2FlQY-\
            er3eu6zbcozlFV81Qy14YPyEFzcslOz6FPzNP_YClgHYz_kxwEz5dJ1SMx00JyiETGNxChc_e_kcPgnKPbLS7Gqw.AAAAAAAAAAAAA\
            AAA.Sc52fNZJo36oiM1QbVSx-7shOjpH9QjsKO_G5rbfLCMnf4jZCoHdJlCsH5ugpxo9zGk1xgkQNYs.64deAZ-7FD5bXqyebCHExg
            """
        ),
        (
            "RSA-OAEP: a label",
            """
            eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkEyNTZHQ00ifQ.nPNJkJK_6quC6Lvz028Sw3yMWDsY7NDqGIS6thGfLHjea0zcH8UCrPB\
            16VDLJb-9Iwk9E4mJBG1N7hl7wzxuumfl09TMs_vjV8XUCOxbkwbI-TRZ5M3iH52haPgzV2phh6AzkmzIm6ttf_bYu0rxZOvC5sAuC\
            ce3GRPgvnUJHyONWz1sthiHBdTifrDF4W5yYp0MHkL-ouTGk0GTqbySYYZpJZuR89A_QUH2hNDszwzATC7QtiBag3xXPWJy-yMfutC\
            RGY7q8lKEb6_sovX91IMO_BHGuxn1koLqJypuhAkFFR65IzzYD8HPF3wW_QtCrX535HzvicV4EeomgcCm9A.AAAAAAAAAAAAAAAA.S\
            c52fNZJo36oiM1QbVSx-7shOjpH9QjsKO_G5rbfLCMnf4jZCoHdJlCsH5ugpxo9zGk1xgkQNYs.y8nbLbXZGxOq03t0CGsi6Q
            """
        ),
        (
            "RSA-OAEP: no padding",
            """
            eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkEyNTZHQ00ifQ.BCPpAHovity3FuiutCDTo2BpXLuMtKb3wX2doSKGIx6Gf3Trx9tWXt9\
            53RP5EOqjs7ukLym1fQYocrCcN9RYqAjEl-JvofZKck428ngo94WleplSVEF9B3oJphlFQmx6r5CWtYWRHhYtK2URg-N8qokckcEMz\
            p75tjs0XXr2_xlGYBYxrQHCtFEF-Pc7XjJqI7OrpSBieRHn8_AVzKn4lOWE4z6sGPiFgTlttI1HRAUTmbAKIy7qTIuDOMdbTD-yEr-\
            O4NdpwzwGwWtx4UzQqB7m5nCUr-usnt3dT6LH2iZxojK7xyPsZI1zXnDkoy0Vh4eZX3wUmf8iZz5PocX6Eg.AAAAAAAAAAAAAAAA.S\
            c52fNZJo36oiM1QbVSx-7shOjpH9QjsKO_G5rbfLCMnf4jZCoHdJlCsH5ugpxo9zGk1xgkQNYs.y8nbLbXZGxOq03t0CGsi6Q
            """
        ),
        (
            "RSA-OAEP: a key of 31 bytes",
            """
            eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkEyNTZHQ00ifQ.B5xkNwkDrSmtzFCB0WPRLfWlmPQ8DoJYiPc_iPqOv3NU_ST31FAWa5_\
            xKybvSBG-vdVTGoEn4s6LxMjfr05rmPEB4ELR-UTBOiub9f2RMlJk4MXhJAWGRKjiQ6KbVuVHDqKmhXCouxZG-tn01JrCL3C9aoksa\
            phehOlgFGe1r_h0VL2kk4dxSSAhpJ9kNr2r9Wtv_Kl-UayKcZLFxatqAc_ynuEb_CP5hw0OHpmjU3mANjpYHdMAMmVEQ4Y9VwTYWAf\
            1mZyi8yDPdIwxMh2itjHhr0bEHd5H2bzhGLP5_C2Xxo6_uq0TJSM-EO9M9x9tlnymMwTFCD3ci_AZ9_X5JQ.AAAAAAAAAAAAAAAA.S\
            c52fNZJo36oiM1QbVSx-7shOjpH9QjsKO_G5rbfLCMnf4jZCoHdJlCsH5ugpxo9zGk1xgkQNYs.y8nbLbXZGxOq03t0CGsi6Q
            """
        ),
        (
            "RSA-OAEP: a key of 33 bytes",
            """
            eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkEyNTZHQ00ifQ.RuE3_X9Vwbo6rD4UGsgjPvaRPgJ_vhRd4oTzlcedvLxNnu6HG_FHKxQ\
            pwcKG_PNZGa3ipnFlYIkeveCWf_sjojuOuRcP6AiQHFUzmLg1Mt49ar9NPXs7qx_IAg-65ha_OHbD_s_FoSliQNymHcdkQq1q1KQYE\
            fRhJyXey2YgiwlUSwlB4AkV2tal1j8udHsEyt_Zs55uuYnwzWHe4DV-Vf00PS9wKnGyA9bqHRGneP3woyTp0VekVCw-b51hILtkKLg\
            wqTqykysLKA7IHzoIB54y2FmKxS3Y6oiCYhnfcq_ZX9MIeVXUkm2EhyV2-HkUaDc1LPcFAg4qpZvB5HpXBQ.AAAAAAAAAAAAAAAA.S\
            c52fNZJo36oiM1QbVSx-7shOjpH9QjsKO_G5rbfLCMnf4jZCoHdJlCsH5ugpxo9zGk1xgkQNYs.y8nbLbXZGxOq03t0CGsi6Q
            """
        ),
        (
            "RSA-OAEP: an empty key",
            """
            eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkEyNTZHQ00ifQ.Pubbvm3V-h0iAynXvqvNMOa07k3DcFrYvgJXUN5nC8RMErTmJByFO4o\
            GpSQlU8m0a3LjPcOXkRBSLDdsObasTkzhNH908ed8HoqEzfmHoo4wLO_o-m7vDpx9qA514a2zTtrigMbKTXq9_A1dVWWs-cu-dHC7e\
            1ywOVrjDPwb6h5A6s0FlrXASz4E8iYv-GRWWsik6QhNX2X43QWmGpvCjj9t4iH6pmV3CbbFpibLlftvuTmnnVjm6ALqaVHbbyYaFyi\
            K7XI215_xXdNRH2C5xU3Z59BFA8e_aiqSSVrguKg9YZtDugs-xJpIALHKozyZw_z-Mde0T52EpbBMQMOU_A.AAAAAAAAAAAAAAAA.S\
            c52fNZJo36oiM1QbVSx-7shOjpH9QjsKO_G5rbfLCMnf4jZCoHdJlCsH5ugpxo9zGk1xgkQNYs.y8nbLbXZGxOq03t0CGsi6Q
            """
        ),
    ]
}
