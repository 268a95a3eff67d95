internal import Clocks
internal import Stores

/// The mail of a forgotten password, in French: it names the login, because a family shares one address, and says what to
/// do when nobody asked.
struct RecoveryMail {
    let givenName: String
    let login: Login
    let service: String
    let url: String
    let life: Duration

    var subject: String { "\(service) : choisir un nouveau mot de passe" }

    var body: String {
        """
        Bonjour,

        Quelqu'un, sans doute vous, a demandé un nouveau mot de passe pour le compte de \(givenName) :

            identifiant : \(login)

        Pour choisir le mot de passe, ouvrez cette page dans \(life.inFrench) :

        \(url)

        Ce lien ne sert qu'une fois. Une demande plus récente l'annule.

        Vous n'avez rien demandé ? Ne faites rien : le mot de passe actuel reste valable. Ne transmettez ce message à
        personne.

        \(service)
        """
    }
}

extension Duration {
    fileprivate var inFrench: String {
        let minutes = wholeSeconds / 60
        if minutes.isMultiple(of: 60) { return minutes == 60 ? "l'heure qui vient" : "les \(minutes / 60) heures" }
        return "les \(minutes) minutes"
    }
}
