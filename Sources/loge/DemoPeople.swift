import Accounts
import Clocks
import Cryptography
import Foundation
import JOSE
import School
import Stores

/// Somebody invented to try the demo with.
struct DemoPerson: Sendable, Codable {
    let login: String
    let password: String?
    let activationCode: String?
    let name: String
    /// The answer to the portal's first question.
    let profile: String
    /// The answer to the second, where it is asked.
    let level: String?
    let goodFor: String

    enum CodingKeys: String, CodingKey {
        case login, password, name, profile, level
        case activationCode = "activation_code"
        case goodFor = "good_for"
    }

    var json: JSONValue {
        [
            "login": .string(login), "password": password.map(JSONValue.string) ?? .null,
            "activation_code": activationCode.map(JSONValue.string) ?? .null, "name": .string(name),
            "profile": .string(profile), "level": level.map(JSONValue.string) ?? .null, "good_for": .string(goodFor),
        ]
    }
}

/// The people of the demo: invented, made at the first start, kept in a file of the demo's folder so that a later start can
/// print them again. Clear passwords are for a demonstration only.
struct DemoPeople {
    private struct Model {
        let givenName: String
        let familyName: String
        let sdet: Profile
        let profile: String
        let level: Level?
        let className: String?
        let birthDate: String?
        let mail: String?
        let isActive: Bool
        let goodFor: String
    }

    static let password = "marelle-sous-le-preau-42"

    private static let models = [
        Model(
            givenName: "Claire", familyName: "Martin", sdet: .responsible, profile: "representant",
            level: .lowerSecondary, className: nil, birthDate: nil, mail: "claire.martin@famille.example",
            isActive: true, goodFor: "a parent signs in with a password"),
        Model(
            givenName: "Lucas", familyName: "Martin", sdet: .pupil, profile: "eleve", level: .lowerSecondary,
            className: "6e B", birthDate: "2015-03-14", mail: nil, isActive: true, goodFor: "a pupil of a collège"),
        Model(
            givenName: "Hélène", familyName: "Béranger", sdet: .teacher, profile: "education_nationale", level: nil,
            className: nil, birthDate: nil, mail: "helene.beranger@college.example", isActive: true,
            goodFor: "a teacher; accents in the name"),
        Model(
            givenName: "Noé", familyName: "Petit", sdet: .pupil, profile: "eleve", level: .primary,
            className: "CE2 A", birthDate: "2018-06-02", mail: nil, isActive: false,
            goodFor: "first connection of a pupil, with the activation code of the letter"),
        Model(
            givenName: "Samira", familyName: "Benali", sdet: .responsible, profile: "representant", level: .primary,
            className: nil, birthDate: nil, mail: "samira.benali@famille.example", isActive: false,
            goodFor: "first connection of a parent"),
        Model(
            givenName: "Paul", familyName: "D’Artois", sdet: .head, profile: "education_nationale", level: nil,
            className: nil, birthDate: nil, mail: "paul.dartois@college.example", isActive: true,
            goodFor: "a head teacher"),
        Model(
            givenName: "Inès", familyName: "Carpentier", sdet: .localAuthority, profile: "collectivite", level: nil,
            className: nil, birthDate: nil, mail: "ines.carpentier@mairie.example", isActive: true,
            goodFor: "somebody of the town hall"),
    ]

    /// The people, made when there are none yet.
    static func prepare(in folder: String, accounts: any AccountStore, cost: Argon2id.Cost) async throws -> [DemoPerson]
    {
        let file = folder + "/people.json"
        if let data = FileManager.default.contents(atPath: file),
            let people = try? JSONDecoder().decode([DemoPerson].self, from: data)
        {
            return people
        }
        let administration = AccountAdministration(accounts: accounts, random: Machine.random)
        let hasher = PasswordHasher(cost: cost, random: Machine.random)
        let activation = ActivationService(accounts: accounts, hasher: hasher)
        var people: [DemoPerson] = []
        for model in models {
            var fields: [AccountDescription.Column: String] = [
                .givenName: model.givenName, .familyName: model.familyName, .profile: model.sdet.rawValue,
                .school: "0590116F",
            ]
            fields[.level] = model.level?.rawValue
            fields[.className] = model.className
            fields[.birthDate] = model.birthDate
            fields[.mail] = model.mail
            let issued = try await administration.create(AccountDescription(fields), now: Machine.clock.now())
            if model.isActive {
                let form = FirstConnectionForm(password: password, mail: model.mail ?? "", acceptedCharter: 1)
                let result = try await activation.activate(
                    issued.account.id, with: issued.code, form, rules: FirstConnectionRules(charterVersion: 1),
                    now: Machine.clock.now())
                guard case .activated = result else {
                    throw Failure("the demo's people cannot be made: start over with --fresh")
                }
            }
            people.append(
                DemoPerson(
                    login: issued.account.login.description, password: model.isActive ? password : nil,
                    activationCode: model.isActive ? nil : issued.code.printed,
                    name: "\(model.givenName) \(model.familyName)", profile: model.profile,
                    level: model.level?.rawValue, goodFor: model.goodFor))
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        try encoder.encode(people).write(to: URL(fileURLWithPath: file), options: .atomic)
        return people
    }
}
