import Cryptography
import Foundation

/// The ports and addresses of one demo.
struct DemoAddresses: Sendable {
    let base: Int

    var portalPort: Int { base }
    var entPort: Int { base + 3 }
    var inboxPort: Int { base + 6 }
    var smtpPort: Int { base + 8 }
    var operationsPort: Int { base + 9 }
    var portal: String { "http://localhost:\(portalPort)" }
    var ent: String { "http://localhost:\(entPort)" }
    var inbox: String { "http://localhost:\(inboxPort)" }
    var operations: String { "http://127.0.0.1:\(operationsPort)" }
}

/// The folder of a demo: an installation like any other, so that every command works on it with `--data`.
struct DemoFiles {
    let folder: String
    let addresses: DemoAddresses

    var configuration: String { folder + "/loge.yaml" }
    var relyingParties: String { folder + "/relying-parties" }
    var keys: String { folder + "/keys" }
    var entSecret: String { folder + "/demo-ent.secret" }

    /// Writes what the demo owns anew; what else stands in the folder stays.
    func write() throws {
        for path in [folder, relyingParties, folder + "/data"] {
            do {
                try FileManager.default.createDirectory(
                    atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            } catch {
                throw Failure("the folder \(path) cannot be made: check its parent and its rights, or choose --data")
            }
        }
        try secret(folder + "/passphrase")
        try secret(entSecret)
        try put(
            """
            # Written by `loge demo` at every start: changes here are lost.
            public_url: \(addresses.portal)
            service_name: ENT de démonstration
            listen: {host: localhost, port: \(addresses.portalPort)}
            operations: {host: 127.0.0.1, port: \(addresses.operationsPort)}
            data: data
            portal: portal.yaml
            relying_parties: relying-parties
            keys: {folder: keys, passphrase_file: passphrase}
            accounts: {charter_version: 1}
            base: {fiction_numbers: true}
            mail:
              host: 127.0.0.1
              port: \(addresses.smtpPort)
              security: none
              from: ne-pas-repondre@ent.example
              from_name: ENT de démonstration

            """, configuration)
        try put(
            """
            # Written by `loge demo` at every start.
            client_id: demo-ent
            client_name: ENT de démonstration
            client_uri: \(addresses.ent)/
            client_secret_file: ../demo-ent.secret
            redirect_uris: ["\(addresses.ent)/oidc/callback"]
            post_logout_redirect_uris: ["\(addresses.ent)/au-revoir"]
            backchannel_logout_uri: "\(addresses.ent)/oidc/backchannel-logout"
            backchannel_logout_session_required: true
            scope: openid profile email school

            """, relyingParties + "/demo-ent.yaml")
        if !FileManager.default.fileExists(atPath: folder + "/portal.yaml") {
            guard let plan = Self.portalPlan() else {
                throw Failure("Config/portal.yaml is not found: start the demo from the folder of the project")
            }
            try put(plan, folder + "/portal.yaml")
        }
    }

    /// `Config/portal.yaml` of the folder we are in, or of one above the program.
    private static func portalPlan() -> String? {
        var candidates = ["."]
        var above = URL(fileURLWithPath: CommandLine.arguments.first ?? "").resolvingSymlinksInPath()
        for _ in 0..<6 {
            above.deleteLastPathComponent()
            candidates.append(above.path)
        }
        for candidate in candidates {
            if let data = FileManager.default.contents(atPath: candidate + "/Config/portal.yaml") {
                return String(decoding: data, as: UTF8.self)
            }
        }
        return nil
    }

    /// A random secret for its owner's eyes, made once.
    private func secret(_ path: String) throws {
        guard !FileManager.default.fileExists(atPath: path) else { return }
        let bytes = Data(Machine.random.token(bits: 256).utf8)
        guard
            FileManager.default.createFile(atPath: path, contents: bytes, attributes: [.posixPermissions: 0o600])
        else { throw Failure("\(path) cannot be written: check the rights of the folder and the room on the disk") }
    }

    private func put(_ text: String, _ path: String) throws {
        do {
            try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch {
            throw Failure("\(path) cannot be written: check the rights of the folder and the room on the disk")
        }
    }
}
