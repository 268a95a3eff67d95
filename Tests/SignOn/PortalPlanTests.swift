import School
import Settings
import Testing

@testable import SignOn

@Suite("The portal's doors: configuration")
struct PortalPlanTests {
    private static let good = """
        doors:
          ent: {label: Compte, provider: local-accounts}
        profiles:
          - id: eleve
            label: Élève
            levels:
              - {level: college, label: Collège, doors: [ent]}
              - {level: lycee, label: Lycée, doors: [ent]}
          - id: invite
            label: Invité
            doors: [ent]
        """

    private func plan(_ yaml: String) throws -> PortalPlan {
        try SettingsFile.read(text: yaml, name: "portal.yaml") { try PortalPlan($0) }.value
    }

    @Test("the good plan is read")
    func accepted() throws {
        let plan = try plan(Self.good)
        #expect(plan.profiles.map(\.id) == ["eleve", "invite"])
        #expect(plan.profiles.first?.levels.map(\.level) == [.lowerSecondary, .upperSecondary])
    }

    @Test(
        "each mistake is told with its line",
        arguments: [
            ("doors: [ent]\n", "doors: [porte]\n", 11, "There is no door porte. Known doors: ent."),
            ("lycee, label: Lycée, doors: [ent]", "lycee, label: Lycée, doors: [x]", 8, "There is no door x"),
            ("level: lycee", "level: faculte", 8, "ecole"), ("local-accounts", "comptes", 2, "local-accounts"),
            ("label: Élève", "libelle: Élève", 4, "label"),
            ("  - id: invite", "  - id: eleve", 4, "Two profiles have one id"),
            ("label: Compte, ", "", 2, "label"), ("label: Invité", "label: Invité\n    icone: x", 11, "icone"),
        ])
    func refused(_ sample: (old: String, new: String, line: Int, words: String)) throws {
        let yaml = (Self.good + "\n").replacing(sample.old, with: sample.new, maxReplacements: 1)
        let error = try #require(throws: SettingsError.self) { try plan(yaml) }
        #expect(error.line == sample.line, "\(error)")
        #expect(error.reason.contains(sample.words), "\(error)")
        #expect("\(error)".hasPrefix("portal.yaml:\(sample.line):"))
    }

    @Test(
        "no door or no profile is no plan",
        arguments: [
            "doors: {}\nprofiles:\n  - {id: a, label: A, doors: []}\n",
            "profiles: []\ndoors: {ent: {label: a, provider: local-accounts}}\n", "",
        ])
    func empty(_ yaml: String) {
        #expect(throws: SettingsError.self) { try plan(yaml) }
    }

    @Test(
        "a memory counts while its three answers fit together",
        arguments: [
            ("eleve", "college", "ent", true), ("eleve", "lycee", "ent", true), ("invite", nil, "ent", true),
            ("eleve", nil, "ent", false), ("eleve", "ecole", "ent", false), ("invite", "college", "ent", false),
            ("inconnu", nil, "ent", false), ("eleve", "college", "autre", false),
        ])
    func memory(_ sample: (profile: String, level: String?, door: String, counts: Bool)) throws {
        let memory = DoorMemory(profile: sample.profile, level: sample.level, door: DoorID(sample.door))
        #expect((memory.choices(in: try plan(Self.good)) != nil) == sample.counts)
    }
}
