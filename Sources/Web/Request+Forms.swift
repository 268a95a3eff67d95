import HTTPTypes
public import Hummingbird
import NIOCore

extension Request {
    /// The fields of the query.
    ///
    /// - Throws: ``FormFields/Failure``.
    public func queryFields() throws(FormFields.Failure) -> FormFields {
        try FormFields(parsing: uri.query ?? "")
    }

    /// The fields of a form body; the body is read up to 64 kB.
    ///
    /// - Throws: `HTTPError` 415 for another content type, 413 for a larger body; ``FormFields/Failure``.
    public func formFields() async throws -> FormFields {
        // Clients add a charset and write the type in any case (Authlib: `;charset=UTF-8`).
        let type = headers[.contentType]?.split(separator: ";").first?.lowercased()
        guard type?.filter({ $0 != " " }) == "application/x-www-form-urlencoded" else {
            throw HTTPError(.unsupportedMediaType)
        }
        let buffer: ByteBuffer
        do {
            buffer = try await body.collect(upTo: FormFields.maximumLength)
        } catch is NIOTooManyBytesError {
            throw HTTPError(.contentTooLarge)
        }
        guard let text = buffer.getString(at: buffer.readerIndex, length: buffer.readableBytes) else {
            throw FormFields.Failure.malformed
        }
        return try FormFields(parsing: text)
    }

    /// The fields of a form of our own pages, which no other site may send (WEB-01).
    ///
    /// Browsers say where a form comes from in `Sec-Fetch-Site`, older ones in `Origin`; a form whose origin is known to be
    /// another is refused. Old phones that send neither are served: what a form does needs a sealed state bound to this
    /// browser's cookie anyway.
    ///
    /// - Throws: ``Problem`` 403 for another site's form, and what ``formFields()`` throws.
    public func ownFormFields(at site: RoleSite) async throws -> FormFields {
        try requireOwnOrigin(at: site)
        return try await formFields()
    }

    /// Refuses a request that is known to come from another site (WEB-01).
    ///
    /// - Throws: ``Problem`` 403.
    public func requireOwnOrigin(at site: RoleSite) throws(Problem) {
        let refusal = Problem(.forbidden, .form, detail: "form from another site (WEB-01)")
        if let name = HTTPField.Name("Sec-Fetch-Site"), let from = headers[name] {
            guard from == "same-origin" || from == "none" else { throw refusal }
        } else if let origin = headers[.origin] {
            guard origin == site.origin else { throw refusal }
        }
    }
}
