public import HTTPTypes

/// The headers of every page: nothing from elsewhere, nothing inline, no frame, no cache, no referrer (WEB-04, OA-12,
/// OA-16).
public enum SecurityHeaders {
    /// Sets the headers.
    ///
    /// - Parameters:
    ///   - formTargets: other origins that a form on the page may end up at.
    ///   - frameSources: the origins that the page may frame.
    public static func apply(
        to headers: inout HTTPFields, formTargets: [String] = [], frameSources: [String] = []
    ) {
        let targets = (["'self'"] + formTargets).joined(separator: " ")
        let frames = frameSources.isEmpty ? "" : "frame-src \(frameSources.joined(separator: " ")); "
        set(
            "Content-Security-Policy",
            "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; \(frames)form-action \(targets); "
                + "base-uri 'none'; frame-ancestors 'none'", in: &headers)
        set("X-Frame-Options", "DENY", in: &headers)
        set("Cross-Origin-Opener-Policy", "same-origin", in: &headers)
        set("Permissions-Policy", "camera=(), geolocation=(), microphone=()", in: &headers)
        set("Referrer-Policy", "no-referrer", in: &headers)
        headers[.xContentTypeOptions] = "nosniff"
        if headers[.cacheControl] == nil { headers[.cacheControl] = "no-store" }
        set("Pragma", "no-cache", in: &headers)
    }

    private static func set(_ name: String, _ value: String, in headers: inout HTTPFields) {
        guard let name = HTTPField.Name(name) else { return }
        headers[name] = value
    }
}
