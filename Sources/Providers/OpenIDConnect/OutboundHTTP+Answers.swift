import Outbound

extension OutboundHTTP {
    /// The answer to `request`, or the provider's error for not having one.
    func answer(
        to request: OutboundRequest, orFailWith code: ProviderError.Code
    ) async throws(ProviderError) -> OutboundResponse {
        do throws(OutboundError) {
            return try await send(request)
        } catch {
            throw ProviderError(code, error.description)
        }
    }
}

extension OutboundResponse {
    /// The body of a successful answer of one of these media types. Redirects are no success: none is followed.
    func document(_ types: String..., orFailWith code: ProviderError.Code) throws(ProviderError) -> [UInt8] {
        guard status == 200 else { throw ProviderError(code, "the provider answered with status \(status)") }
        guard let mediaType, types.contains(mediaType) else {
            throw ProviderError(code, OutboundError.wrongContentType.description)
        }
        return body
    }
}
