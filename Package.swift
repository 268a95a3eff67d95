// swift-tools-version: 6.2
import PackageDescription

/// The one strict settings array: every target of the package uses it.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .strictMemorySafety(),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

/// A room of the house. `path` is relative to `Sources`.
func room(
    _ name: String, at path: String, _ dependencies: [Target.Dependency] = [], resources: [Resource] = []
) -> Target {
    .target(
        name: name, dependencies: dependencies, path: "Sources/" + path, resources: resources, swiftSettings: strict)
}

/// The tests of a room. `path` is relative to `Tests`.
func tests(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource] = []) -> Target {
    .testTarget(
        name: name + "Tests", dependencies: dependencies, path: "Tests/" + name, resources: resources,
        swiftSettings: strict)
}

let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let hummingbirdTesting = Target.Dependency.product(name: "HummingbirdTesting", package: "hummingbird")
let log = Target.Dependency.product(name: "Logging", package: "swift-log")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let sqlite = Target.Dependency.product(name: "GRDBSQLite", package: "GRDB.swift")
let mustache = Target.Dependency.product(name: "Mustache", package: "swift-mustache")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let httpClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")

let package = Package(
    name: "loge",
    products: [.executable(name: "loge", targets: ["loge"])],
    dependencies: [
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        // The C boundary: a module map and a shim each, nothing more. One Swift target imports each of them.
        .systemLibrary(
            name: "COpenSSL", path: "Sources/C/COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(
            name: "CSodium", path: "Sources/C/CSodium", pkgConfig: "libsodium", providers: [.apt(["libsodium-dev"])]),
        .systemLibrary(
            name: "CCurl", path: "Sources/C/CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(
            name: "CPostgreSQL", path: "Sources/C/CPostgreSQL", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .systemLibrary(
            name: "CXML", path: "Sources/C/CXML", pkgConfig: "libxml-2.0", providers: [.apt(["libxml2-dev"])]),
        .systemLibrary(name: "CZip", path: "Sources/C/CZip", pkgConfig: "libzip", providers: [.apt(["libzip-dev"])]),
        // libphonenumber (libphonenumber-dev) is C++, which a module map cannot call: a target of our own that speaks C
        // outwards. It has no pkg-config file; protobuf is what its header of a number is made of.
        .target(
            name: "CPhoneNumbers", path: "Sources/C/CPhoneNumbers",
            cxxSettings: [.enableWarning("all"), .enableWarning("extra"), .treatAllWarnings(as: .error)],
            linkerSettings: [.linkedLibrary("phonenumber"), .linkedLibrary("protobuf")]),

        // Values: time, configuration, cryptography, the vocabularies of the protocols and of the school.
        room("Clocks", at: "Clocks"),
        room("Settings", at: "Settings", ["Clocks", "Cryptography", yams]),
        room("Cryptography", at: "Cryptography", ["Clocks", "COpenSSL", "CSodium"]),
        room("JOSE", at: "Vocabularies/JOSE", ["Clocks", "Cryptography"]),
        room("OAuth", at: "Vocabularies/OAuth", ["Clocks", "Cryptography", "JOSE"]),
        room("School", at: "School"),
        room("Matching", at: "Matching", ["School"]),
        room("DelimitedText", at: "DelimitedText"),
        room("SchoolFiles", at: "SchoolFiles", ["Cryptography", "DelimitedText", "School", "CXML", "CZip"]),
        room("Phones", at: "Phones", ["CPhoneNumbers"]),

        // Keys, stores and their engines.
        room("Keyring", at: "Keyring", ["Clocks", "Cryptography", "JOSE", "Stores", log, lifecycle]),
        room("Stores", at: "Storage/Stores", ["Clocks", "Cryptography", "School"]),
        room("StoresSQL", at: "Storage/SQL", ["Stores", "Clocks", "Cryptography", "School"]),
        room(
            "PupilBase", at: "PupilBase",
            [
                "Accounts", "Clocks", "Cryptography", "Matching", "Phones", "School", "SchoolFiles", "Stores",
                "StoresSQL",
            ]),
        room("StoresSQLite", at: "Storage/SQLite", ["Stores", "StoresSQL", "Clocks", "Cryptography", grdb, sqlite]),
        room(
            "StoresPostgreSQL", at: "Storage/PostgreSQL",
            ["Stores", "StoresSQL", "Clocks", "Cryptography", "CPostgreSQL", log]),
        room("StoresConformance", at: "Storage/Conformance", ["Stores", "Clocks", "Cryptography", "School"]),

        // The domain.
        room("Messaging", at: "Messaging", ["Clocks", "Cryptography", "Stores", "Settings", "CCurl", log, lifecycle]),
        room(
            "Accounts", at: "Accounts", ["Clocks", "Cryptography", "DelimitedText", "School", "Stores", "Messaging"]),
        room("SignOn", at: "SignOn", ["Clocks", "Cryptography", "JOSE", "Keyring", "School", "Settings", "Stores"]),

        room("SingleLogout", at: "SingleLogout", ["Clocks", "Cryptography", "Messaging", "Stores", log, lifecycle]),

        // HTTP: what every role shares, the issuers, the providers, the roles.
        room(
            "Web", at: "Web",
            ["Clocks", "Cryptography", "Stores", hummingbird, mustache, yams, httpTypes, nioCore, log, lifecycle],
            resources: [.copy("Resources")]),
        room(
            "SignOnHTTP", at: "SignOnHTTP",
            ["Clocks", "Cryptography", "SignOn", "Stores", "Web", hummingbird, httpTypes, nioCore, log]),
        room("Outbound", at: "Outbound", ["Clocks", httpClient, nioCore, nioHTTP1]),
        room(
            "OpenIDConnectIssuer", at: "Issuers/OpenIDConnect",
            [
                "Clocks", "Cryptography", "JOSE", "Keyring", "OAuth", "Outbound", "School", "Settings", "SignOn",
                "SignOnHTTP", "SingleLogout", "Stores", "Web", hummingbird, httpTypes, nioCore, log,
            ]),
        room(
            "OpenIDConnectProvider", at: "Providers/OpenIDConnect",
            ["Clocks", "Cryptography", "JOSE", "Outbound"]),
        room(
            "LocalAccountsProvider", at: "Providers/LocalAccounts",
            [
                "Accounts", "Clocks", "Cryptography", "Keyring", "Messaging", "School", "SignOn", "SignOnHTTP",
                "Stores", "Web", hummingbird, httpTypes, nioCore, log,
            ]),
        room(
            "PortalRole", at: "Roles/Portal",
            [
                "Accounts", "Clocks", "Cryptography", "Keyring", "LocalAccountsProvider", "Messaging",
                "OpenIDConnectIssuer", "Outbound", "School", "Settings", "SignOn", "SignOnHTTP", "SingleLogout",
                "Stores",
                "StoresSQLite", "Web", hummingbird, httpTypes, nioCore, log, lifecycle,
            ]),
        room(
            "DemoENTRole", at: "Roles/DemoENT",
            [
                "Clocks", "Cryptography", "JOSE", "Keyring", "OpenIDConnectProvider", "Outbound", "Web", hummingbird,
                httpTypes, nioCore, log,
            ]),
        room(
            "InboxRole", at: "Roles/Inbox",
            ["Clocks", "Web", hummingbird, httpTypes, nioCore, nioPosix, log, lifecycle]),

        // The executable: commands and the composition root. Nothing else starts anything.
        .executableTarget(
            name: "loge",
            dependencies: [
                "Accounts", "Clocks", "Cryptography", "DemoENTRole", "InboxRole", "JOSE", "Keyring", "Messaging",
                "Outbound",
                "OpenIDConnectIssuer", "OpenIDConnectProvider", "Phones", "PortalRole", "PupilBase", "School",
                "SchoolFiles", "Settings", "SignOn", "SingleLogout", "Stores", "StoresPostgreSQL", "StoresSQL",
                "StoresSQLite", "Web", arguments,
                hummingbird, hummingbirdCore,
                nioCore, log, lifecycle, unixSignals,
            ],
            path: "Sources/loge", swiftSettings: strict),

        // What `scripts/bench` runs: it starts the executable above and meets it on the wire.
        .executableTarget(
            name: "loge-bench",
            dependencies: [
                "Accounts", "Clocks", "Cryptography", "JOSE", "Keyring", "OAuth", "OpenIDConnectIssuer", "School",
                "SignOn", "Stores", "StoresPostgreSQL", "StoresSQLite", "Web", arguments, hummingbird, httpTypes,
                "Matching", "PupilBase", "SchoolFiles", "StoresSQL",
            ],
            path: "Sources/loge-bench", swiftSettings: strict),

        // Tests.
        .target(
            name: "LogeTesting",
            dependencies: [
                "Accounts", "Clocks", "Cryptography", "JOSE", "Keyring", "OAuth", "OpenIDConnectIssuer", "PortalRole",
                "Outbound", "School", "Settings", "SignOn", "SingleLogout", "Stores", "StoresSQLite", "Web", grdb,
                hummingbird, hummingbirdTesting, httpTypes, nioCore, log,
            ],
            path: "Tests/LogeTesting", swiftSettings: strict),
        tests(
            "OpenIDConnect",
            [
                "LogeTesting", "Accounts", "Clocks", "Cryptography", "JOSE", "Keyring", "OAuth", "OpenIDConnectIssuer",
                "Outbound", "Settings", "SignOn", "SingleLogout", "Stores", "Web", httpTypes, nioCore, nioPosix,
            ]),
        tests("Portal", ["LogeTesting", "Accounts", "Clocks", "JOSE", "School", "SignOn", "Stores", "Web", httpTypes]),
        tests(
            "SignOn",
            [
                "LogeTesting", "Clocks", "Cryptography", "JOSE", "OpenIDConnectIssuer", "School", "Settings", "SignOn",
                "Stores",
            ]),
        tests("Web", ["LogeTesting", "Clocks", "Cryptography", "Web", httpTypes]),
        tests("Settings", ["Settings", "Clocks", "Cryptography"]),
        tests(
            "Messaging",
            [
                "Clocks", "Cryptography", "InboxRole", "Messaging", "Settings", "Stores", "StoresSQLite", log,
                lifecycle,
                nioCore, nioPosix,
            ]),
        tests(
            "Inbox",
            ["Clocks", "Cryptography", "InboxRole", "Web", hummingbird, hummingbirdTesting, httpTypes, nioCore]),
        tests("Clocks", ["Clocks"]),
        tests("Cryptography", ["Clocks", "Cryptography"]),
        tests(
            "StoresSQLite",
            ["StoresSQLite", "StoresSQL", "StoresConformance", "Stores", "Clocks", "Cryptography", "School", grdb]),
        .target(
            name: "PostgreSQLTesting", dependencies: [], path: "Tests/PostgreSQLTesting", swiftSettings: strict),
        tests(
            "StoresPostgreSQL",
            [
                "PostgreSQLTesting", "Stores", "StoresConformance", "StoresPostgreSQL", "StoresSQL", "Clocks",
                "Cryptography", log,
            ]),
        .executableTarget(
            name: "store-racer",
            dependencies: ["Clocks", "Cryptography", "School", "Stores", "StoresPostgreSQL", "StoresSQLite"],
            path: "Tests/StoreRacer", swiftSettings: strict),
        tests(
            "StoreRaces",
            [
                "PostgreSQLTesting", "Clocks", "Cryptography", "School", "Stores", "StoresPostgreSQL", "StoresSQLite",
                "store-racer",
            ]),
        tests(
            "Accounts", ["Accounts", "Clocks", "Cryptography", "DelimitedText", "School", "Stores", "StoresSQLite"]),
        tests("DelimitedText", ["DelimitedText"]),
        tests("Matching", ["Matching", "School"]),
        tests(
            "PupilBase",
            [
                "PupilBase", "Accounts", "Clocks", "Cryptography", "Matching", "Phones", "PostgreSQLTesting", "School",
                "SchoolFiles", "Stores", "StoresPostgreSQL", "StoresSQL", "StoresSQLite",
            ]),
        tests("SchoolFiles", ["Cryptography", "SchoolFiles", "School"], resources: [.copy("Samples")]),
        tests("JOSE", ["Clocks", "Cryptography", "JOSE"]),
        tests("Phones", ["Phones", "CPhoneNumbers"]),
        tests("OAuth", ["Clocks", "Cryptography", "JOSE", "OAuth"]),
        tests("Keyring", ["Clocks", "Cryptography", "JOSE", "Keyring", "Stores", log]),
        tests("Outbound", ["Clocks", "Outbound", nioCore, nioPosix]),
        tests("OpenIDConnectProvider", ["Clocks", "Cryptography", "JOSE", "OpenIDConnectProvider", "Outbound"]),
        tests(
            "DemoENT",
            [
                "Clocks", "Cryptography", "DemoENTRole", "JOSE", "Keyring", "OpenIDConnectProvider", "Outbound", "Web",
                hummingbird, hummingbirdTesting, httpTypes, nioCore, log,
            ]),
    ]
)

// What `scripts/fuzz` runs, which names the archive of libFuzzer; without it this manifest is what stands above. Our rooms
// get libFuzzer's counters, in a build folder of their own.
if let libFuzzer = Context.environment["LOGE_LIBFUZZER"] {
    package.targets += [
        .systemLibrary(name: "CFuzzer", path: "Tests/Fuzz/CFuzzer"),
        .executableTarget(
            name: "loge-fuzz",
            dependencies: [
                "CFuzzer", "LogeTesting", "Clocks", "Cryptography", "JOSE", "Keyring", "OAuth", "OpenIDConnectIssuer",
                "School", "SchoolFiles", "Settings", "SignOn", "SignOnHTTP", "Web", hummingbirdTesting, httpTypes,
                nioCore,
            ],
            path: "Tests/Fuzz/Targets", swiftSettings: strict,
            linkerSettings: [.unsafeFlags([libFuzzer, "-lstdc++", "-lm"])]),
    ]
    for target in package.targets { target.swiftSettings?.append(.unsafeFlags(["-sanitize=fuzzer"])) }
}
