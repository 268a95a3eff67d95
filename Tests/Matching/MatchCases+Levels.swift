import Matching
import School

extension MatchCase {
    /// A claim of the one responsible of Léa, with her birth date.
    private static let known = claiming("Demo", "Camille", [lea: "2012-03-14"])
    private static let opens = "one: a (exact); proved lea"

    private static func refused(_ why: String) -> String { "not allowed: a (exact); refused lea (\(why))" }

    private static func row(
        _ heading: String, _ sentence: String, _ links: [PupilLink], claim: Claim = known,
        policy: MatchingPolicy = MatchingPolicy(), _ answer: String
    ) -> MatchCase {
        let base = Responsible(
            id: ResponsibleID("a"), registers: Set(links.map(\.register)),
            name: CivilName(birth: "DEMO", given: "Camille"),
            mobiles: [mobile], links: links)
        return MatchCase(heading, sentence, base: [base], claim: claim, policy: policy, answer: answer)
    }

    /// Each legal level under each source and version, as stated by one link.
    static var levels: [MatchCase] {
        levelRows.map { row in
            let link = PupilLink(
                to: lea, register: row.register, version: row.version, kindCode: row.kind, level: row.level)
            let answer = row.standing == .legal ? opens : refused("notLegal: \(row.standing)")
            return Self.row("Legal level", row.sentence, [link], answer)
        } + settings
    }

    /// What one link states, and what it is worth.
    typealias LevelRow = (
        sentence: String, register: Register, version: AAFVersion?, kind: String, level: StatedLevel,
        standing: LegalStanding
    )

    static let levelRows: [LevelRow] = {
        var rows: [LevelRow] = []
        let meanings: [(version: AAFVersion?, name: String, kind: String, worth: [LegalStanding])] = [
            // Levels 0, 1, 2, 3, 4.
            (old, "old", "1", [.contact, .legal, .legal, .unknown, .unknown]),
            (old, "old, with a kind of the new codes", "20", [.contact, .legal, .unknown, .unknown, .unknown]),
            (old, "old, without a kind", "", [.contact, .legal, .unknown, .unknown, .unknown]),
            (AAFVersion(number: 1302), "just after the old", "1", [.contact, .legal, .inCharge, .contact, .unknown]),
            (recent, "new", "20", [.contact, .legal, .inCharge, .contact, .unknown]),
            (recent, "new, with a kind of the old codes", "1", [.contact, .legal, .inCharge, .contact, .unknown]),
            (nil, "without a version", "1", [.contact, .legal, .unknown, .unknown, .unknown]),
        ]
        for register in [academy, academyPrimary] {
            for meaning in meanings {
                for (level, standing) in meaning.worth.enumerated() {
                    rows.append(
                        (
                            "\(register.format.rawValue) \(meaning.name), respLegal \(level)", register,
                            meaning.version, meaning.kind, .respLegal("\(level)"), standing
                        ))
                }
            }
        }
        for code in ["", " 1", "01", "-1", "10", "x", "１"] {
            rows.append(("AAF 2D new, respLegal “\(code)”", academy, recent, "20", .respLegal(code), .unknown))
            rows.append(
                ("SIECLE, NIVEAU_RESPONSABILITE “\(code)”", college, nil, "", .niveauResponsabilite(code), .unknown))
        }
        let siecle: [LegalStanding] = [.unknown, .legal, .inCharge, .contact, .unknown]
        for (level, standing) in siecle.enumerated() {
            rows.append(
                (
                    "SIECLE, NIVEAU_RESPONSABILITE \(level)", college, nil, "20", .niveauResponsabilite("\(level)"),
                    standing
                ))
        }
        let older: [LegalStanding] = [.contact, .legal, .unknown, .unknown]
        for (level, standing) in older.enumerated() {
            rows.append(("SIECLE, RESP_LEGAL \(level)", college, nil, "20", .respLegal("\(level)"), standing))
        }
        let others: [LevelRow] = [
            ("ONDE, which states none", ecole, nil, "", .absent, .legal),
            ("ONDE with a level of which nothing is known", ecole, nil, "", .niveauResponsabilite("1"), .unknown),
            ("AAF 1D, ENTEleveAutoriteParentale", academyPrimary, recent, "", .autoriteParentale, .legal),
            ("AAF 2D, ENTEleveAutoriteParentale", academy, recent, "", .autoriteParentale, .unknown),
            ("AAF 2D, no level", academy, recent, "20", .absent, .unknown),
            ("AAF 1D, no level", academyPrimary, recent, "20", .absent, .unknown),
            ("SIECLE, no level", college, nil, "20", .absent, .unknown),
            ("AAF 2D with SIECLE's element", academy, recent, "20", .niveauResponsabilite("1"), .unknown),
        ]
        return rows + others
    }()

    private static var settings: [MatchCase] {
        func setting(_ change: (inout LegalRules) -> Void) -> MatchingPolicy {
            var policy = MatchingPolicy()
            change(&policy.legal)
            return policy
        }
        let second = PupilLink.legal(lea).with { $0.level = .respLegal("2") }
        let inAAF1D = PupilLink(to: lea, register: academyPrimary, version: recent, level: .autoriteParentale)
        let inOlderSIECLE = PupilLink.legal(lea, college).with { $0.level = .respLegal("2") }
        return [
            row(
                "Legal level", "level 2 of a new AAF, where a setting opens to persons in charge", [second],
                policy: setting { $0.opening.insert(.inCharge) }, opens),
            row(
                "Legal level", "level 3 of a new AAF, where a setting opens to persons in charge",
                [second.with { $0.level = .respLegal("3") }], policy: setting { $0.opening.insert(.inCharge) },
                refused("notLegal: contact")),
            row(
                "Legal level", "level 2 of a version that a setting calls old",
                [second.with { $0.kindCode = "2" }],
                policy: setting { $0.lastVersionWithSecondLegal = recent }, opens),
            row(
                "Legal level", "ONDE, where a setting gives its rows no standing", [.legal(lea, ecole)],
                policy: setting { $0.statedByONDEAlone = .unknown }, refused("notLegal: unknown")),
            row(
                "Legal level", "ENTEleveAutoriteParentale of AAF 1D, where a setting gives it no standing", [inAAF1D],
                policy: setting { $0.parentalAuthority = .unknown }, refused("notLegal: unknown")),
            row(
                "Legal level", "RESP_LEGAL 2 of an older SIECLE, where a setting calls it legal", [inOlderSIECLE],
                policy: setting { $0.secondRespLegalOfSIECLE = .legal }, opens),
        ]
    }

    static var disagreements: [MatchCase] {
        let inAAF = PupilLink.legal(lea)
        func siecle(_ level: String) -> PupilLink {
            PupilLink.legal(lea, college).with { $0.level = .niveauResponsabilite(level) }
        }
        let inONDE = PupilLink.legal(lea, ecole)
        let contact = inAAF.with { $0.level = .respLegal("3") }
        func files(_ sentence: String, _ links: [PupilLink], _ answer: String) -> MatchCase {
            row("Two files", sentence, links, answer)
        }
        let ofTwoRecords = MatchCase(
            "Two files", "legal in the AAF's record, contact in SIECLE's record of the same person",
            base: [
                record("a", birth: "DEMO", "Camille", inAAF), record("c", birth: "DEMO", "Camille", siecle("3")),
            ], claim: known, answer: "not allowed: a+c (exact); refused lea (filesDisagree: legal, contact)")
        return [
            files("legal in both", [inAAF, siecle("1")], opens),
            files(
                "legal in the AAF, in charge in SIECLE", [inAAF, siecle("2")], refused("filesDisagree: legal, inCharge")
            ),
            files(
                "legal in SIECLE, contact in the AAF", [contact, siecle("1")],
                refused("filesDisagree: legal, contact")),
            files(
                "legal in the AAF, unreadable in SIECLE", [inAAF, siecle("9")], refused("filesDisagree: legal, unknown")
            ),
            files(
                "contact in the AAF, in charge in SIECLE", [contact, siecle("2")],
                refused("notLegal: inCharge, contact")),
            files("legal in the AAF, and in ONDE, which states none", [inAAF, inONDE], opens),
            files(
                "contact in the AAF, and in ONDE, which states none", [contact, inONDE], refused("notLegal: contact")),
            files("ONDE of two schools", [inONDE, .legal(lea, Register(.onde, .school(school("0599904V"))))], opens),
            files(
                "a link whose grace is over does not disagree",
                [inAAF, siecle("3").with { $0.presence = .gone }], opens),
            files(
                "a link whose grace runs disagrees", [inAAF, siecle("3").with { $0.presence = .leaving }],
                refused("filesDisagree: legal, contact")),
            ofTwoRecords,
        ]
    }

    static var desk: [MatchCase] {
        let link = PupilLink.legal(lea)
        let contact = PupilLink.legal(lea, college).with { $0.level = .niveauResponsabilite("3") }
        func marked(_ link: PupilLink, _ mark: DeskMark) -> PupilLink { link.with { $0.mark = mark } }
        func row(_ sentence: String, _ links: [PupilLink], claim: Claim = known, _ answer: String) -> MatchCase {
            Self.row("School desk", sentence, links, claim: claim, answer)
        }
        let two = claiming("Demo", "Camille", [lea: "2012-03-14", hugo: "2014-07-01"])
        return [
            row("a wrong attachment is reported", [marked(link, .reportedWrong)], refused("reportedWrong")),
            row(
                "a wrong attachment is reported for one child of two", [marked(link, .reportedWrong), .legal(hugo)],
                claim: two,
                "one: a (exact); proved hugo; refused lea (reportedWrong)"),
            row(
                "reported in one register, stated by another", [marked(link, .reportedWrong), .legal(lea, ecole)],
                refused("reportedWrong")),
            row("the desk ended the link", [marked(link, .ended)], refused("endedByDesk")),
            row(
                "the desk ended the link, another register states it still",
                [marked(link, .ended), .legal(lea, ecole)],
                refused("endedByDesk")),
            row("the desk settled that files disagree", [marked(link, .confirmed), contact], opens),
            row(
                "what the desk settled, reported wrong since",
                [marked(link, .confirmed), marked(contact, .reportedWrong)],
                refused("reportedWrong")),
            row(
                "the desk settles nothing that no file states", [marked(contact, .confirmed)],
                refused("notLegal: contact")),
            row("deleted, the grace runs", [link.with { $0.presence = .leaving }], opens),
            row("deleted, the grace is over", [link.with { $0.presence = .gone }], refused("gone")),
            row(
                "deleted, the desk ended the link during the grace",
                [
                    link.with {
                        $0.presence = .leaving; $0.mark = .ended
                    }
                ], refused("endedByDesk")),
        ]
    }
}
