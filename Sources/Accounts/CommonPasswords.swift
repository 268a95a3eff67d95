/// Passwords that everybody tries first, here and elsewhere: lists of the most common ones, with those of French schools.
enum CommonPasswords {
    /// Whether the password is one of them, letter case ignored, also with digits or signs before or after it, or written
    /// two or three times: `Azerty2026!` is `azerty`, `doudoudoudou` is `doudou`.
    static func contain(_ password: String) -> Bool {
        let folded = password.lowercased()
        if isCommon(folded) { return true }
        let core = folded.trimming { !$0.isLetter }
        return !core.isEmpty && isCommon(core)
    }

    private static func isCommon(_ text: String) -> Bool {
        if words.contains(text) { return true }
        return (2...4).contains { times in
            guard text.count.isMultiple(of: times) else { return false }
            let part = text.prefix(text.count / times)
            return words.contains(String(part)) && text == String(repeating: String(part), count: times)
        }
    }

    private static let words = Set(list.split { $0.isWhitespace }.map(String.init))

    private static let list = """
        123456 1234567 12345678 123456789 1234567890 12345678910 123123 123321 111111 000000 654321 987654321
        112233 121212 666666 777777 888888 999999 11111111 00000000 88888888 12341234 123456a a123456 1q2w3e
        1q2w3e4r 1q2w3e4r5t 1qaz2wsx qazwsx qwerty qwerty123 qwerty1234 qwertyuiop qwertyui asdfgh asdfghjk
        asdfghjkl zxcvbn zxcvbnm qwertz azerty azerty1 azerty12 azerty123 azerty1234 azerty123456 azertyu
        azertyui azertyuiop aqwzsx aqwzsxedc qsdfgh qsdfghjk qsdfghjklm wxcvbn 1a2z3e 1a2z3e4r 1a2z3e4r5t aze123
        password password1 password12 password123 passw0rd p@ssw0rd motdepasse motdepasse1 motdepasse12
        motdepasse123 motdepass mdp123 mdp1234 monmotdepasse bonjour bonjour1 bonjour12 bonjour123 bonjour1234
        bonsoir salut salut123 coucou coucou1 coucou12 coucou123 bienvenue bienvenue1 welcome welcome1 soleil
        soleil1 soleil12 soleil123 doudou doudou1 doudou12 doudou123 loulou loulou1 loulou123 loulou12 chouchou
        chouchou1 chouchou123 marseille marseille13 marseille1 marseille123 olympique parisien parissg psg75
        psg123 paris75 paris123 parissaintgermain lyon69 bordeaux bordeaux33 toulouse toulouse31 nantes44
        lille59 strasbourg bretagne france france98 france123 france2018 vivelafrance alsace corsica chocolat
        chocolat1 chocolat123 caramel caramel1 vanille nutella cookie cookies bonbon banane fraise framboise
        cerise citron orange pomme camille camille1 nicolas nicolas1 thomas thomas1 julien julien1 antoine
        alexandre alexandra maxime maxime1 pierre romain mathieu matthieu vincent laurent olivier sebastien
        guillaume benjamin valentin quentin florian kevin kevin1 jeremy jerome christophe stephane frederic
        philippe isabelle nathalie sandrine stephanie celine virginie sophie julie marine pauline manon
        charlotte caroline melanie aurelie emilie laura oceane elodie marion juliette clement princesse
        princesse1 princess prince poupette pupuce poussin poussinette minette minouche mimine titine tigrou
        tigrou1 bebe bebe123 cherie chaton chaton1 chouette papillon papillon1 lapin lapinou nounours nounours1
        caline calinou amour amour1 amour123 amoureux jetaime jetaime1 jetaime123 jtm123 jetaimefort monamour
        moncoeur mamour famille famille1 maman maman1 maman123 mamanjetaime papa papa123 papamaman mamanpapa
        enfants enfant ecole ecole1 ecole123 college college1 lycee lycee123 maitresse eleve eleve123 professeur
        pronote pronote1 pronote123 educonnect education rentree rentree2024 rentree2025 rentree2026 vacances
        vacances1 liberte egalite fraternite football football1 foot123 rugby basket zidane zidane10 zinedine
        mbappe mbappe7 mbappe10 ronaldo ronaldo7 cr7cr7 messi10 neymar neymar10 naruto naruto1 naruto123 sasuke
        pokemon pokemon1 pokemon123 pikachu minecraft minecraft1 minecraft123 fortnite fortnite1 fortnite123
        roblox roblox123 brawlstars youtube tiktok snapchat instagram google facebook iphone samsung batman
        superman spiderman starwars harrypotter simpson mickey dragon dragon1 dragonball monkey master shadow
        sunshine summer winter iloveyou iloveyou1 letmein admin admin1 admin123 administrateur root toor test
        test1 test123 test1234 azertytest abc123 abcd1234 abcdef abcdefg abcdefgh abcdefghij aaaaaa aaaaaaaa
        azazaz secret secret1 secret123 changeme changezmoi trustno1 computer ordinateur internet samourai
        guitare musique danse cheval chevaux licorne licorne1 licorne123 dauphin tortue lionne tigre panthere
        jordan jordan23 michael michelle ashley jessica charlie charlie1 daniel george hunter killer pepper
        ginger buster harley ranger tigger baseball superstar whatever freedom flower lovely hello hello123
        hello1234 noel2024 noel2025 hiver2024 hiver2025 ete2024 ete2025 ete2026 printemps automne automne2025
        janvier fevrier septembre octobre novembre decembre lundi mardi mercredi jeudi vendredi samedi dimanche
        """
}

extension String {
    fileprivate func trimming(_ isDropped: (Character) -> Bool) -> String {
        guard let first = firstIndex(where: { !isDropped($0) }), let last = lastIndex(where: { !isDropped($0) }) else {
            return ""
        }
        return String(self[first...last])
    }
}
