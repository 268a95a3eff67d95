import Cryptography
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// The static files: each has an address with the hash of its content, so that browsers may keep it for ever.
public struct Assets: Sendable {
    struct File: Sendable {
        let type: String
        let body: ByteBuffer
    }

    /// `/static/<hash>/<name>` by file name.
    let addresses: [String: String]
    private let files: [String: File]

    init(folder: String) throws {
        var addresses: [String: String] = [:]
        var files: [String: File] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: folder).sorted() {
            guard let data = FileManager.default.contents(atPath: folder + "/" + name),
                let type = Self.type(of: name)
            else { continue }
            let hash = Base64URL.encode(SHA256.hash(Array(data)).prefix(9))
            let path = "/static/\(hash)/\(name)"
            addresses[name] = path
            files[path] = File(type: type, body: ByteBuffer(bytes: data))
        }
        self.addresses = addresses
        self.files = files
    }

    private static func type(of name: String) -> String? {
        switch name.split(separator: ".").last {
        case "css": "text/css; charset=utf-8"
        case "js": "text/javascript; charset=utf-8"
        case "svg": "image/svg+xml"
        case "png": "image/png"
        default: nil
        }
    }

    /// The names of the assets as templates know them: `loge.css` is `asset.loge_css`.
    var forTemplates: [String: String] {
        Dictionary(
            addresses.map { name, path in
                (name.replacing(".", with: "_").replacing("-", with: "_"), path)
            }, uniquingKeysWith: { first, _ in first })
    }

    func response(for path: String) -> Response? {
        guard let file = files[path] else { return nil }
        var headers = HTTPFields()
        headers[.contentType] = file.type
        headers[.cacheControl] = "public, max-age=31536000, immutable"
        headers[.xContentTypeOptions] = "nosniff"
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: file.body))
    }
}
