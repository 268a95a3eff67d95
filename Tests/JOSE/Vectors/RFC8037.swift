/// The examples of RFC 8037, Appendix A.
enum RFC8037 {
    /// A.1: the key.
    static let key = """
        {"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","d":"nWGxne_9WmC6hEr0kuwsxE\
        RJxWl7MmkZcDusAxyuf2A"}
        """

    /// A.3: its thumbprint.
    static let thumbprint = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"

    /// A.4: EdDSA over a text that is no claims set.
    static let token = """
        eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhij\
        cNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg
        """
}
