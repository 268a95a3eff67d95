import Clocks
import Stores

extension ConformanceCheck {
    static let linkChecks: [ConformanceCheck] = [
        ConformanceCheck("MAIL-01: looking at a link does not use it, and it opens its own purpose only") { stores in
            let account = Sample.active("a", mail: "a@exemple.fr")
            try await stores.one.add(account)
            let link = Sample.link("token", of: account)
            try await stores.one.links.issue(link, message: Sample.message("m"), now: start)
            for _ in 0..<3 {
                try expect(
                    await stores.other.links.link(link.token, purpose: .resetPassword, now: start), is: link,
                    "looked at")
            }
            try expect(await stores.one.links.link(link.token, purpose: .verifyMail, now: start), is: nil, "purpose")
            try expect(await stores.one.links.verifyMail(with: link.token, now: start), is: nil, "no proof of a mail")
            try expect(
                await stores.one.links.link(link.token, purpose: .resetPassword, now: link.expiresAt), is: nil,
                "expired")
            try expect(
                await stores.one.links.resetPassword(with: link.token, to: "x", now: link.expiresAt), is: nil, "expired"
            )
            try expect(
                await stores.one.links.resetPassword(with: Sample.hash("other"), to: "x", now: start), is: nil,
                "unknown")
            try expect(
                await stores.one.links.resetPassword(with: link.token, to: "new", now: start), is: account.id,
                "after all that it works")
        },
        ConformanceCheck("PW-04: a newer link kills the older one of its purpose") { stores in
            let account = Sample.active("a", mail: "a@exemple.fr")
            try await stores.one.add(account)
            try await stores.one.links.issue(
                Sample.link("verify", of: account, purpose: .verifyMail), message: Sample.message("m0"), now: start)
            try await stores.one.links.issue(
                Sample.link("older", of: account), message: Sample.message("m1"), now: start)
            try await stores.one.links.issue(
                Sample.link("newer", of: account), message: Sample.message("m2"), now: start)
            try expect(
                await stores.one.links.resetPassword(with: Sample.hash("older"), to: "x", now: start), is: nil, "older")
            try expect(
                await stores.one.links.link(Sample.hash("verify"), purpose: .verifyMail, now: start) != nil,
                "the other purpose is not touched")
            try expect(
                await stores.one.links.resetPassword(with: Sample.hash("newer"), to: "x", now: start), is: account.id,
                "newer")
        },
        ConformanceCheck("BR-01: a new password by link proves the mail, ends every session and kills every link") {
            stores in
            let (account, session) = try await stores.one.signedIn("a", mail: "a@exemple.fr")
            try await stores.one.links.issue(
                Sample.link("token", of: account), message: Sample.message("m"), now: start)
            try await stores.one.links.issue(
                Sample.link("verify", of: account, purpose: .verifyMail), message: Sample.message("v"), now: start)
            let later = start + .seconds(7)
            try expect(
                await stores.one.links.resetPassword(with: Sample.hash("token"), to: "new", now: later), is: account.id,
                "changed")
            let changed = try require(await stores.one.accounts.account(id: account.id), "the account")
            try expect(changed.stage, is: .active(PasswordRecord(hash: "new", changedAt: later)), "the password")
            try expect(changed.mailVerified, "the mail is proved")
            try expect(changed.revision, is: account.revision + 1, "one change, one revision")
            try expect(await stores.one.sessions.session(session.id, now: later), is: nil, "the session is dead")
            try expect(
                await stores.one.links.verifyMail(with: Sample.hash("verify"), now: later), is: nil, "other link")
            try expect(
                await stores.one.links.resetPassword(with: Sample.hash("token"), to: "again", now: later), is: nil,
                "used")
        },
        ConformanceCheck("a link proves only the mailbox that it was sent to") { stores in
            let account = Sample.active("a", mail: "other@exemple.fr")
            try await stores.one.add(account)
            try await stores.one.links.issue(
                Sample.link("token", of: account, mail: "a@exemple.fr"), message: Sample.message("m"), now: start)
            _ = try await stores.one.links.resetPassword(with: Sample.hash("token"), to: "new", now: start)
            try expect(await stores.one.accounts.account(id: account.id)?.mailVerified, is: false, "by a reset")
            try await stores.one.links.issue(
                Sample.link("verify", of: account, purpose: .verifyMail, mail: "a@exemple.fr"),
                message: Sample.message("v"), now: start)
            try expect(
                await stores.one.links.verifyMail(with: Sample.hash("verify"), now: start), is: nil, "by a proof")
            try expect(await stores.one.accounts.account(id: account.id)?.mailVerified, is: false, "still not")
        },
        ConformanceCheck("a link proves its mailbox, once") { stores in
            let account = Sample.active("a", mail: "A@exemple.fr")
            try await stores.one.add(account)
            try await stores.one.links.issue(
                Sample.link("v", of: account, purpose: .verifyMail), message: Sample.message("m"), now: start)
            try expect(await stores.one.links.verifyMail(with: Sample.hash("v"), now: start), is: account.id, "proved")
            try expect(await stores.one.accounts.account(id: account.id)?.mailVerified, is: true, "and stored")
            try expect(await stores.one.links.verifyMail(with: Sample.hash("v"), now: start), is: nil, "used")
        },
        ConformanceCheck("no link opens a locked account or one that was never activated, nor is it used up") {
            stores in
            let account = Sample.active("a", mail: "a@exemple.fr")
            let waiting = Sample.awaiting("w", mail: "a@exemple.fr")
            try await stores.one.accounts.add([(account, nil), (waiting, Sample.hash("code"))])
            try await stores.one.links.issue(Sample.link("a", of: account), message: Sample.message("a"), now: start)
            try await stores.one.links.issue(Sample.link("w", of: waiting), message: Sample.message("w"), now: start)
            _ = try await stores.one.accounts.lock(account.id, reason: "x", now: start)
            try expect(
                await stores.one.links.resetPassword(with: Sample.hash("a"), to: "x", now: start), is: nil, "locked")
            try expect(
                await stores.one.links.resetPassword(with: Sample.hash("w"), to: "x", now: start), is: nil, "awaiting")
            _ = try await stores.one.accounts.unlock(account.id)
            try expect(
                await stores.one.links.resetPassword(with: Sample.hash("a"), to: "x", now: start), is: account.id,
                "unlocked")
        },
        ConformanceCheck("a link and the message that carries it are queued together or not at all") { stores in
            let account = Sample.active("a", mail: "a@exemple.fr")
            try await stores.one.add(account)
            try await stores.one.links.issue(Sample.link("one", of: account), message: Sample.message("m"), now: start)
            try await expectError(.conflict, "a message that is there already") {
                try await stores.one.links.issue(
                    Sample.link("two", of: account), message: Sample.message("m"), now: start)
            }
            try expect(
                await stores.one.links.link(Sample.hash("two"), purpose: .resetPassword, now: start), is: nil,
                "no link without its message")
            try expect(
                await stores.one.links.link(Sample.hash("one"), purpose: .resetPassword, now: start) != nil,
                "the first link lives")
            try expect(
                await stores.one.outbox.take(limit: 9, lease: .minutes(1), now: start),
                is: [Sample.message("m", tries: 1)],
                "one message")
        },
    ]
}
