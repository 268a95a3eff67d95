import Clocks
import HTTPTypes
import Testing
import Web

@Suite("Cookies of a role")
struct RoleCookieTests {
    private func cookie(
        _ url: String = "https://portail.exemple.fr", _ sameSite: RoleCookie.SameSite = .lax
    ) throws -> RoleCookie {
        RoleCookie("session", at: try #require(RoleSite(role: "portal", publicURL: url)), sameSite: sameSite)
    }

    private func value(_ headers: [String], _ cookie: RoleCookie) -> String? {
        var fields = HTTPFields()
        for header in headers { fields.append(HTTPField(name: .cookie, value: header)) }
        return cookie.value(in: fields)
    }

    @Test("WEB-03: written with __Host-, HttpOnly, Secure and SameSite; without __Host- on the plain loopback")
    func written() throws {
        var headers = HTTPFields()
        try cookie().set("v", in: &headers)
        try cookie(.init("https://portail.exemple.fr"), .strict).set("v", maximumAge: .hours(1), in: &headers)
        try cookie().erase(in: &headers)
        try cookie("http://localhost:8400").set("v", in: &headers)
        #expect(
            headers[values: .setCookie] == [
                "__Host-loge-portal-session=v; Path=/; HttpOnly; SameSite=Lax; Secure",
                "__Host-loge-portal-session=v; Path=/; HttpOnly; SameSite=Strict; Max-Age=3600; Secure",
                "__Host-loge-portal-session=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0; Secure",
                "loge-portal-session=v; Path=/; HttpOnly; SameSite=Lax",
            ])
    }

    @Test("read by its exact name, among others")
    func read() throws {
        let cookie = try cookie()
        let name = cookie.name
        #expect(value(["\(name)=a.b-c_d="], cookie) == "a.b-c_d=")
        #expect(value(["x=1; \(name)=v; y=2"], cookie) == "v")
        #expect(value(["x=1", "\(name)=v"], cookie) == "v")
        #expect(value(["x=1;\(name)=v"], cookie) == "v")
        #expect(value(["\(name)="], cookie) == "")
        for header in [
            "", "\(name)", "x\(name)=v", "\(name)x=v", "loge-portal-session=v", "\(name.uppercased())=v", ";;=;",
        ] {
            #expect(value([header], cookie) == nil, "\(header)")
        }
    }

    @Test("WEB-02: two different ones are none; two equal ones are one")
    func doubled() throws {
        let cookie = try cookie()
        let name = cookie.name
        #expect(value(["\(name)=a; \(name)=b"], cookie) == nil)
        #expect(value(["\(name)=a", "\(name)=b"], cookie) == nil)
        #expect(value(["\(name)=a; \(name)=a"], cookie) == "a")
    }

    @Test("WEB-03: 4096 bytes, not one more; a huge header is no header")
    func limits() throws {
        let cookie = try cookie()
        let most = String(repeating: "v", count: 4096)
        #expect(value(["\(cookie.name)=\(most)"], cookie) == most)
        #expect(value(["\(cookie.name)=\(most)v"], cookie) == nil)
        #expect(value([String(repeating: "a=b; ", count: 4000) + "\(cookie.name)=v"], cookie) == nil)
    }
}
