import HTTPTypes
public import Hummingbird
import NIOCore

/// The operators' listener, never the public one: `/healthz` (the process answers), `/readyz` (it can serve), `/metrics`.
public enum Operations {
    /// The routes.
    ///
    /// - Parameter ready: what keeps the process from serving, one plain sentence each; empty when nothing does.
    public static func router(
        metrics: MetricsRegistry, ready: @escaping @Sendable () async -> [String]
    ) -> Router<BasicRequestContext> {
        let router = Router(context: BasicRequestContext.self)
        router.get("healthz") { _, _ in plain(.ok, "ok\n") }
        router.get("readyz") { _, _ in
            let reasons = await ready()
            return reasons.isEmpty
                ? plain(.ok, "ready\n") : plain(.serviceUnavailable, reasons.joined(separator: "\n") + "\n")
        }
        router.get("metrics") { _, _ in plain(.ok, metrics.text(), type: "text/plain; version=0.0.4; charset=utf-8") }
        return router
    }

    private static func plain(
        _ status: HTTPResponse.Status, _ text: String, type: String = "text/plain; charset=utf-8"
    ) -> Response {
        var headers = HTTPFields()
        headers[.contentType] = type
        headers[.cacheControl] = "no-store"
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }
}
