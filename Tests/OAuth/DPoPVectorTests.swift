import Clocks
import Cryptography
import JOSE
import OAuth
import Testing

/// The examples of RFC 9449, as printed there.
private enum RFC9449 {
    static let header =
        "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0Rs"
        + "cEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2"
        + "In19"
    /// §4.1, figure 2.
    static let atTokenEndpoint =
        header
        + ".eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rv"
        + "a2VuIiwi"
        + "aWF0IjoxNTYyMjYyNjE2fQ"
        + ".2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg"
    /// §7.1, figure 13.
    static let atResource =
        header
        + ".eyJqdGkiOiJlMWozVl9iS2ljOC1MQUVCIiwiaHRtIjoiR0VUIiwiaHR1IjoiaHR0cHM6Ly9yZXNvdXJjZS5leGFtcGxlLm9yZy9wcm90"
        + "ZWN0"
        + "ZWRyZXNvdXJjZSIsImlhdCI6MTU2MjI2MjYxOCwiYXRoIjoiZlVIeU8ycjJaM0RaNTNFc05yV0JiMHhXWG9hTnk1OUlpS0NBcWtzbVFFbyJ9"
        + ".2oW9RP35yRqzhrtNP86L-Ey71EOptxRimPPToA1plemAgR6pxHF8y6-yqyVnmcw6Fy1dqd-jfxSYoMxhAJpLjA"
    static let accessToken = "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU"
    /// §6.1, figure 9.
    static let thumbprint = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"
}

@Suite("The examples of RFC 9449")
struct DPoPVectorTests {
    private func atToken(
        _ seconds: Int64, method: String = "POST", url: String = "https://server.example.com/token"
    ) throws -> DPoPProof {
        try DPoPProof(RFC9449.atTokenEndpoint, method: method, url: url, now: Instant(secondsSinceEpoch: seconds))
    }

    private func atResource(
        accessToken: String = RFC9449.accessToken, thumbprint: String = RFC9449.thumbprint
    ) throws -> DPoPProof {
        try DPoPProof(
            RFC9449.atResource, method: "GET", url: "https://resource.example.org/protectedresource",
            accessToken: accessToken, expectedThumbprint: thumbprint, now: Instant(secondsSinceEpoch: 1_562_262_620))
    }

    @Test("RFC 9449 §4.1, §6.1: the proof at the token endpoint, and the thumbprint of its key")
    func tokenEndpoint() throws {
        let proof = try atToken(1_562_262_616)
        #expect(proof.thumbprint == RFC9449.thumbprint)
        #expect(proof.use == RFC9449.thumbprint + " -BwC3ESc6acc2lTc")
        #expect(proof.forgottenAt == Instant(secondsSinceEpoch: 1_562_262_616 + 80))
        #expect(throws: DPoPError(.wrongMethod, "")) { try atToken(1_562_262_616, method: "GET") }
        #expect(throws: DPoPError(.wrongURL, "")) {
            try atToken(1_562_262_616, url: "https://server.example.com/par")
        }
        #expect(throws: DPoPError(.wrongTime, "")) { try atToken(1_800_000_000) }
    }

    @Test("RFC 9449 §7.1: the proof at a resource, with the access token that it is for")
    func resource() throws {
        #expect(try atResource().thumbprint == RFC9449.thumbprint)
        #expect(throws: DPoPError(.wrongAccessToken, "")) { try atResource(accessToken: RFC9449.accessToken + "x") }
        #expect(throws: DPoPError(.otherKey, "")) {
            try atResource(thumbprint: "1" + RFC9449.thumbprint.dropFirst())
        }
        // The proof of the token endpoint has no ath.
        #expect(throws: DPoPError(.wrongAccessToken, "")) {
            try DPoPProof(
                RFC9449.atTokenEndpoint, method: "POST", url: "https://server.example.com/token",
                accessToken: RFC9449.accessToken, now: Instant(secondsSinceEpoch: 1_562_262_616))
        }
    }
}
