/// What came back to the redirect URI, as it came: to be believed in nothing yet.
public struct CallbackParameters: Sendable, CustomStringConvertible, CustomReflectable {
    /// The longest query or form that is read, in bytes.
    public static let maximumLength = 8192

    let code: String?
    let state: String?
    let issuer: String?
    let error: String?

    /// Reads the query of the request, or the form of a POST (`response_mode=form_post`), as it stood there.
    ///
    /// - Throws: ``ProviderError`` `.parametersMalformed`, also when a parameter that we read stands there twice (RFC 6749
    ///   §3.1): two readers could each take another one.
    public init(parsing text: String) throws(ProviderError) {
        guard text.utf8.count <= Self.maximumLength, let fields = FormEncoding.decode(text) else {
            throw ProviderError(.parametersMalformed, "the callback cannot be read")
        }
        func value(_ name: String) throws(ProviderError) -> String? {
            let values = fields.filter { $0.name == name }
            guard values.count <= 1 else {
                throw ProviderError(.parametersMalformed, "the callback holds \(name) twice")
            }
            return values.first?.value
        }
        code = try value("code")
        state = try value("state")
        issuer = try value("iss")
        error = try value("error")
    }

    /// The ``PendingAuthorization/label`` of the sign-on that this seems to answer; `nil` without a `state`.
    public var label: String? { state.map(PendingAuthorization.label(ofState:)) }

    /// Nothing of the content.
    public var description: String { "(callback)" }
    /// Nothing.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
