import Clocks
import School
import Stores

extension ConformanceCheck {
    static let activationChecks: [ConformanceCheck] = [
        ConformanceCheck("ACT-01: a live code is its account's, unexpired, and the account unlocked") { stores in
            let account = Sample.awaiting("a", expires: start + .seconds(10))
            let neighbour = Sample.awaiting("b")
            try await stores.one.accounts.add([(account, Sample.hash("code-a")), (neighbour, Sample.hash("code-b"))])
            func isCode(_ word: String, of id: AccountID, _ now: Instant = start) async throws -> Bool {
                try await stores.one.accounts.isActivationCode(Sample.hash(word), of: id, now: now)
            }
            try expect(await isCode("code-a", of: account.id), "its own")
            try expect(await isCode("code-a", of: account.id, start + .milliseconds(9999)), "until the last moment")
            try expect(await !isCode("code-a", of: account.id, start + .seconds(10)), "expired")
            try expect(await !isCode("code-b", of: account.id), "the neighbour's")
            try expect(await !isCode("code-a", of: AccountID("")), "nobody's")
            _ = try await stores.one.accounts.lock(account.id, reason: "x", now: start)
            try expect(await !isCode("code-a", of: account.id), "locked")
        },
        ConformanceCheck("activation consumes the code and settles password, contact and charter") { stores in
            let account = Sample.awaiting("a", mail: "school@exemple.fr")
            try await stores.one.accounts.add([(account, Sample.hash("code"))])
            let later = start + .seconds(3)
            let activation = Activation(
                passwordHash: "chosen", mail: "mine@exemple.fr", mobile: "0612345678", charterVersion: 4)
            func activate() async throws -> Bool {
                try await stores.one.accounts.activate(account.id, with: Sample.hash("code"), activation, now: later)
            }
            try expect(await activate(), "the first time")
            let active = try require(await stores.one.accounts.account(id: account.id), "the account")
            try expect(active.stage, is: .active(PasswordRecord(hash: "chosen", changedAt: later)), "the password")
            try expect(active.mail, is: "mine@exemple.fr", "the mail")
            try expect(active.mobile, is: "0612345678", "the mobile")
            try expect(active.charter, is: CharterAcceptance(version: 4, at: later), "the charter")
            try expect(active.revision, is: account.revision + 1, "one change, one revision")
            try expect(await !activate(), "the code is used")
            try expect(
                await !stores.one.accounts.isActivationCode(Sample.hash("code"), of: account.id, now: later), "and dead"
            )
        },
        ConformanceCheck("activation leaves what the person did not give") { stores in
            var account = Sample.awaiting("a", mail: "school@exemple.fr")
            account.mailVerified = true
            account.mobile = "0600000000"
            try await stores.one.accounts.add([(account, Sample.hash("code"))])
            _ = try await stores.one.accounts.activate(
                account.id, with: Sample.hash("code"),
                Activation(passwordHash: "x", mail: nil, mobile: nil, charterVersion: nil), now: start)
            let active = try require(await stores.one.accounts.account(id: account.id), "the account")
            try expect(active.mail, is: "school@exemple.fr", "the mail")
            try expect(active.mailVerified, "still proved")
            try expect(active.mobile, is: "0600000000", "the mobile")
            try expect(active.charter, is: nil, "no charter")
        },
        ConformanceCheck("activation is refused with another code, an expired one, and on a locked account") { stores in
            let account = Sample.awaiting("a", expires: start + .seconds(10))
            try await stores.one.accounts.add([(account, Sample.hash("code"))])
            let activation = Activation(passwordHash: "x", mail: nil, mobile: nil, charterVersion: nil)
            try expect(
                await !stores.one.accounts.activate(account.id, with: Sample.hash("other"), activation, now: start),
                "other")
            try expect(
                await !stores.one.accounts.activate(
                    account.id, with: Sample.hash("code"), activation, now: start + .seconds(10)), "expired")
            _ = try await stores.one.accounts.lock(account.id, reason: "x", now: start)
            try expect(
                await !stores.one.accounts.activate(account.id, with: Sample.hash("code"), activation, now: start),
                "locked")
            _ = try await stores.one.accounts.unlock(account.id)
            try expect(
                await stores.one.accounts.activate(account.id, with: Sample.hash("code"), activation, now: start),
                "after three refusals the right code works")
        },
        ConformanceCheck("BR-01: a new mail given at activation is unproved, and links from before are dead") {
            stores in
            var account = Sample.awaiting("a", mail: "squatter@exemple.fr")
            account.mailVerified = true
            try await stores.one.accounts.add([(account, Sample.hash("code"))])
            try await stores.one.links.issue(
                Sample.link("token", of: account, purpose: .verifyMail), message: Sample.message("m"), now: start)
            _ = try await stores.one.accounts.activate(
                account.id, with: Sample.hash("code"),
                Activation(passwordHash: "x", mail: "mine@exemple.fr", mobile: nil, charterVersion: nil), now: start)
            try expect(await stores.one.accounts.account(id: account.id)?.mailVerified, is: false, "unproved")
            try expect(await stores.one.links.verifyMail(with: Sample.hash("token"), now: start), is: nil, "dead link")
        },
    ]
}
