/// The kind of browser in a few words, for the person's own list of sessions. The raw header is not kept.
public enum DeviceName {
    /// Such as "Firefox sur Android"; "Navigateur" when nothing is recognised.
    public static func describe(_ userAgent: String?) -> String {
        guard let agent = userAgent, agent.utf8.count <= 1024 else { return "Navigateur" }
        // The order matters: Edge and Opera call themselves Chrome, Chrome calls itself Safari.
        let browsers = [
            ("Edg", "Edge"), ("OPR", "Opera"), ("SamsungBrowser", "Samsung Internet"), ("Firefox", "Firefox"),
            ("FxiOS", "Firefox"), ("CriOS", "Chrome"), ("Chrome", "Chrome"), ("Safari", "Safari"),
        ]
        let systems = [
            ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"),
            ("CrOS", "Chromebook"), ("Mac OS X", "Mac"), ("Linux", "Linux"),
        ]
        let browser = browsers.first { agent.contains($0.0) }?.1
        let system = systems.first { agent.contains($0.0) }?.1
        switch (browser, system) {
        case (let browser?, let system?): return "\(browser) sur \(system)"
        case (let browser?, nil): return browser
        case (nil, let system?): return "Navigateur sur \(system)"
        case (nil, nil): return "Navigateur"
        }
    }
}
