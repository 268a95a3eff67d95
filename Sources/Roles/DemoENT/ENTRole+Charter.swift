import Clocks
import Cryptography
import Hummingbird
import Web

extension ENTRole {
    /// `GET /charte`: shown at the first connection, and again when it has changed.
    func showCharter(_ request: Request) async throws -> Response {
        let destination = ENTRoutes.destination(try request.queryFields()[ENTRoutes.returnField])
        guard let visitor = await visitor(of: request) else {
            return .redirectWithin(ENTRoutes.signIn.with([(ENTRoutes.returnField, destination)]))
        }
        let person = await memory.person(visitor.key)
        guard person.charter != configuration.charterVersion else { return .redirectWithin(destination) }
        return charterPage(visit(visitor, person, request), destination, hasError: false)
    }

    /// `POST /charte`.
    func acceptCharter(_ request: Request) async throws -> Response {
        let fields = try await request.ownFormFields(at: configuration.site)
        let destination = ENTRoutes.destination(fields[ENTRoutes.returnField])
        guard let visitor = await visitor(of: request) else {
            return .redirectWithin(ENTRoutes.signIn.with([(ENTRoutes.returnField, destination)]))
        }
        let person = await memory.person(visitor.key)
        // A form of an earlier session, or of somebody else's page, accepts nothing.
        guard fields["charte"] == "oui", isOwn(fields, visitor) else {
            return charterPage(visit(visitor, person, request), destination, hasError: true)
        }
        let version = configuration.charterVersion
        try await memory.change(visitor.key) { $0.charter = version }
        return .redirectWithin(destination)
    }

    /// Whether the form was made for this session (WEB-01).
    func isOwn(_ fields: FormFields, _ visitor: Visitor) -> Bool {
        constantTimeEqual(fields[ENTRoutes.tokenField] ?? "", visitor.token)
    }

    private func charterPage(_ visit: ENTVisit, _ destination: String, hasError: Bool) -> Response {
        let texts = visit.texts
        let sections: [PageValue] = CharterSection.allCases.map { section in
            ["title": .text(section.title), "body": .text(section.body)]
        }
        return pages.response(
            "ent-charter", title: texts.text("ent", "charter_title"),
            [
                "action": .text(ENTRoutes.charter.path),
                "hidden": .hidden([(ENTRoutes.tokenField, visit.visitor.token), (ENTRoutes.returnField, destination)]),
                "signedIn": visit.signedIn, "charterSections": .list(sections), "hasErrors": .flag(hasError),
                "error": hasError ? .text(texts.text("ent", "charter_error")) : .flag(false),
                "signOutURL": .text(ENTRoutes.signOut.with([(ENTRoutes.tokenField, visit.visitor.token)])),
            ], view: visit.view, status: hasError ? .unprocessableContent : .ok)
    }
}

/// The rules of the demonstration's house. An ENT brings its own; they are its words, and so in its language.
enum CharterSection: CaseIterable {
    case account, respect, documents, data

    var title: String {
        switch self {
        case .account: "Mon compte est à moi"
        case .respect: "Je respecte les autres"
        case .documents: "Je respecte ce que les autres ont fait"
        case .data: "Ce que l’ENT sait de moi"
        }
    }

    var body: String {
        switch self {
        case .account:
            "Je ne donne mon mot de passe à personne, pas même à un ami. Sur un ordinateur partagé, je me déconnecte "
                + "en partant."
        case .respect:
            "J’écris comme je parlerais en classe. Je ne publie ni photo ni vidéo de quelqu’un sans son accord et "
                + "celui de ses parents."
        case .documents:
            "Je dis d’où viennent les textes et les images que j’utilise, et je n’abîme pas le travail des autres."
        case .data:
            "L’établissement voit mon nom, ma classe et ce que je publie. Je peux demander à voir ces informations et "
                + "à les faire corriger."
        }
    }
}
