import Clocks
public import HTTPTypes

/// The texts of the section `error` that a ``Problem`` can show: `<name>_heading` and `<name>_sentence`.
public enum ProblemText: String, Sendable, CaseIterable {
    /// Anything that broke here.
    case technical
    /// No such page.
    case notFound = "not_found"
    /// A form or address that did not arrive whole.
    case form
    /// The application sent something that we do not understand.
    case application
    /// The application, or the address that it wants an answer at, is not registered.
    case unknownApplication = "unknown_application"
    /// The page was open too long, or comes from a key that is gone.
    case expired
    /// The sign-on began in another browser.
    case otherBrowser = "other_browser"
    /// The browser sends no cookie back.
    case cookies
    /// The application is not open to this person.
    case forbidden
    /// A provider does not answer.
    case unavailable
    /// Our own store does not answer just now.
    case pause
    /// Too many tries.
    case tooMany = "too_many"
    /// The sign-on was not brought to its end.
    case refused
    /// The identity is proved, and nobody of ours.
    case notLinked = "not_linked"
}

/// The labels of the section `error` for the one action of a ``Problem``.
public enum ProblemAction: String, Sendable, CaseIterable {
    /// Try the same again.
    case retry
    /// Begin again.
    case restart
    /// The first page.
    case home
    /// Back to the application.
    case backToApplication = "back_to_application"
}

/// A request that ends on a page which says what to do next. Thrown by handlers; turned into the page by
/// ``OutermostMiddleware``.
///
/// Public words are texts of the catalogue; `detail` is for the log alone.
public struct Problem: Error, Sendable {
    /// The status of the answer.
    public let status: HTTPResponse.Status
    /// What the page says.
    public let text: ProblemText
    /// What stands for `{name}` in the text.
    public let name: String?
    /// The label of the one action.
    public let action: ProblemAction
    /// Where it leads: a path of this role, or a validated address.
    public let actionURL: String
    /// What happened, for the log; no personal data, no secret.
    public let detail: String
    /// After how long trying again makes sense.
    public let retryAfter: Duration?

    /// A problem.
    public init(
        _ status: HTTPResponse.Status, _ text: ProblemText, name: String? = nil, action: ProblemAction = .home,
        actionURL: String = "/", detail: String, retryAfter: Duration? = nil
    ) {
        self.status = status
        self.text = text
        self.name = name
        self.action = action
        self.actionURL = actionURL
        self.detail = detail
        self.retryAfter = retryAfter
    }
}
