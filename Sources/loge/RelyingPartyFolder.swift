import Foundation
import OpenIDConnectIssuer

/// The files of the relying parties in a folder, as they are kept elsewhere: with hashes in the place of secrets.
struct RelyingPartyFolder {
    let path: String

    /// The names of the files, as a server takes them up; none when there is no such folder.
    var names: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).filter(Self.isName).sorted()
    }

    /// Whether that is the name of a file that a server takes up, and of nothing outside its folder.
    static func isName(_ name: String) -> Bool {
        name.hasSuffix(".yaml") && !name.hasPrefix(".") && name.utf8.count <= 128
            && !name.utf8.contains { $0 == 0x2F || $0 < 0x20 || $0 == 0x7F }
    }

    /// The file without its secrets.
    ///
    /// - Throws: `SettingsError` or `SharedRegistration.Problem`.
    func registration(_ name: String) throws -> SharedRegistration {
        try SharedRegistration(path: path + "/" + name)
    }

    /// Every file: without its secrets, or as it is when that cannot be had.
    func copies() throws -> (files: [String: [UInt8]], warnings: [String]) {
        var files: [String: [UInt8]] = [:]
        var warnings: [String] = []
        for name in names {
            do {
                files[name] = Array(try registration(name).text.utf8)
            } catch {
                // A file that a server would not take is still the operator's.
                guard let data = FileManager.default.contents(atPath: path + "/" + name) else {
                    throw Failure("\(path)/\(name) cannot be read: check its rights")
                }
                files[name] = Array(data)
                warnings.append("\(name) is copied as it is, with any secret in it: \(error)")
            }
        }
        return (files, warnings)
    }
}
