import Matching
import School
import Testing

@Suite("The match table")
struct MatchTableTests {
    @Test("case", arguments: MatchCase.all)
    func answers(row: MatchCase) {
        let match = row.policy.match(row.claim, among: row.base)
        #expect(MatchCase.words(match.answer) == row.answer)
        #expect(row.policy.match(row.claim, among: row.base.reversed()) == match, "in the reverse order")
    }

    @Test("each case has a sentence of its own, and each kind of answer and of refusal has a case")
    func coverage() {
        let rows = MatchCase.all
        #expect(Set(rows.map { $0.heading + $0.sentence }).count == rows.count)
        let answers = rows.map(\.answer).joined(separator: "\n")
        let words = [
            "one: ", "several: ", "mobileUnknown", "nameUnreadable", "nameDiffers", "none: identityContradicts",
            "identity contradicts in", "no child", "endedByDesk", "reportedWrong", "gone", "namedOtherwise",
            "notLegal", "filesDisagree", "birthDateUnknown", "declined", "wrongBirthDate",
        ]
        for word in words + NameEvidence.allCases.map({ "(\($0))" }) + LegalStanding.allCases.map({ "\($0)" }) {
            #expect(answers.contains(word), "\(word)")
        }
        for conflict in IdentityConflict.allCases { #expect(answers.contains("\(conflict)")) }
    }

    @Test("what was set aside is told, by keys alone and in one order")
    func findings() {
        let base = [
            record("z", birth: "DEMO", "Jean", .legal(lea)), record("d", birth: "AUTRE", "Zoé", .legal(lea)),
            record("c", birth: "DEMO", "Jean-Pierre", .legal(hugo)),
            record("b", birth: "DEMO", "Pierre", others: ["Jean"], .legal(hugo)),
            record("e", birth: "DEMO", "Jean", mobiles: [otherMobile], .legal(tom, lycee)),
            record("o", birth: "DEMO", "Jean", .legal(lea, ecole)),
        ]
        let match = MatchingPolicy().match(claiming("Demo", "Jean", [tom: "2016-11-30"]), among: base)
        #expect(MatchCase.words(match.answer) == "one: o+z (exact); to prove lea")
        func ids(_ texts: String...) -> [ResponsibleID] { texts.map(ResponsibleID.init) }
        #expect(
            match.findings == [
                .joined(ids("o", "z")), .otherMobile(ids("e")), .otherName(ids("d")),
                .notEnough(ids("b"), .otherGivenName), .strongerNameFound(ids("c"), .firstGivenName),
                .notTheirChild(id(tom)),
            ])
    }
}
