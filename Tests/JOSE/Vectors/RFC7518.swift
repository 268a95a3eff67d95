/// The example of RFC 7518, Appendix C.
enum RFC7518 {
    /// The sender's key.
    static let alice = """
        {"kty":"EC","crv":"P-256","x":"gI0GAILBdu7T53akrFmMyGcsF3n5dO7MmwNBHKW5SV0","y":"SLW_xSffzlPWrHEVI30DHM_4e\
        gVwt3NQqeUD7nMFpps","d":"0_NxaRPUMQoAJt50Gz8YiTr8gRTwyEaCumd-MToTmIo"}
        """

    /// The reader's key.
    static let bob = """
        {"kty":"EC","crv":"P-256","x":"weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ","y":"e8lnCO-AlStT-NJVX-crhB7QR\
        Yhiix03illJOVAOyck","d":"VEmDZpDXXK8p8N0Cndsxs924q6nS1RXFASRl6BfUqdw"}
        """

    /// What the two agree on for A128GCM, `apu` being Alice and `apv` Bob.
    static let derivedKey = "VqqN6vgjbSBcIijNcacQGg"
}
