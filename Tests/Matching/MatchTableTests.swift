import Foundation
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

@Suite("The match table as a document")
struct MatchTableDocumentTests {
    private static let document = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "docs/match-table.md")

    @Test("docs/match-table.md says what the cases say (scripts/match-table writes it)")
    func document() throws {
        if ProcessInfo.processInfo.environment["LOGE_WRITE_MATCH_TABLE"] == "1" {
            try Data(Self.text.utf8).write(to: Self.document)
        }
        let written = try String(contentsOf: Self.document, encoding: .utf8)
        #expect(written == Self.text, "run scripts/match-table and commit what it writes")
    }

    private static var text: String {
        var lines = [
            "# The match table", "",
            "Who is found in the pupil base when somebody has proved a mobile, typed a name and told birth dates. Made from",
            "the cases of `Tests/Matching` by `scripts/match-table`: \(MatchCase.all.count) rows, each a test.", "",
            "In an answer, letters are records of the base (`a+b` is one person of two records), names are pupils; behind a",
            "person stands by what the typed name is theirs. Towards the outside, all answers but `one` are the same words.",
        ]
        var heading = ""
        for row in MatchCase.all {
            if row.heading != heading {
                heading = row.heading
                lines += ["", "## \(heading)", "", "| case | answer |", "|---|---|"]
            }
            lines.append("| \(cell(row.sentence)) | \(cell(row.answer)) |")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func cell(_ text: String) -> String { text.replacing("|", with: "\\|") }
}
