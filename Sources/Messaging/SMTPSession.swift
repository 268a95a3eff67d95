internal import CCurl
internal import Clocks
internal import Cryptography

/// One libcurl handle: delivers one mail at a time and keeps its connection open for the next. Every call blocks.
@safe final class SMTPSession {
    /// What the server or libcurl said at the end of a delivery.
    struct Outcome {
        let code: CURLcode
        /// The last SMTP reply code, 0 when there was none.
        let reply: Int
    }

    private let handle: UnsafeMutableRawPointer

    // The first call is not thread-safe in old libraries; a static makes it once, before any handle.
    private static let isReady = loge_curl_global_init() == CURLE_OK

    /// A handle without connection; `nil` without memory.
    init?() {
        guard Self.isReady, let handle = unsafe curl_easy_init() else { return nil }
        unsafe self.handle = handle
    }

    deinit { unsafe curl_easy_cleanup(handle) }

    /// Delivers `message` to one recipient.
    func deliver(_ message: [UInt8], to recipient: Mailbox, _ settings: SMTPSettings) -> Outcome {
        // Keeps the connection, forgets the options of the mail before.
        unsafe curl_easy_reset(handle)
        let list = unsafe curl_slist_append(nil, recipient.address)
        defer { unsafe curl_slist_free_all(list) }
        let upload = Upload(message)
        var code = configure(settings)
        if code == CURLE_OK { code = unsafe loge_curl_set_list(handle, CURLOPT_MAIL_RCPT, list) }
        if code == CURLE_OK { code = set(CURLOPT_INFILESIZE, message.count) }
        return withExtendedLifetime(upload) {
            let context = unsafe Unmanaged.passUnretained(upload).toOpaque()
            if code == CURLE_OK { code = unsafe loge_curl_set_transfer(handle, CURLOPT_READFUNCTION, Upload.read) }
            if code == CURLE_OK { code = unsafe loge_curl_set_pointer(handle, CURLOPT_READDATA, context) }
            guard unsafe list != nil, code == CURLE_OK else { return Outcome(code: CURLE_FAILED_INIT, reply: 0) }
            code = unsafe curl_easy_perform(handle)
            var reply = 0
            guard unsafe loge_curl_response_code(handle, &reply) == CURLE_OK else {
                return Outcome(code: code, reply: 0)
            }
            return Outcome(code: code, reply: reply)
        }
    }

    private func configure(_ settings: SMTPSettings) -> CURLcode {
        let scheme = settings.security == .implicitTLS ? "smtps" : "smtp"
        let host = settings.host.contains(":") ? "[\(settings.host)]" : settings.host
        // The path is what we call ourselves in EHLO: the sender's domain, not the name of this machine.
        var steps: [() -> CURLcode] = [
            { self.set(CURLOPT_URL, "\(scheme)://\(host):\(settings.port)/\(settings.from.domain)") },
            { self.set(CURLOPT_PROTOCOLS_STR, "smtp,smtps") },
            // An HTTP proxy of the environment has no business with mail.
            { self.set(CURLOPT_PROXY, "") },
            // Signals belong to the process, not to a thread of ours.
            { self.set(CURLOPT_NOSIGNAL, 1) },
            { self.set(CURLOPT_UPLOAD, 1) },
            { self.set(CURLOPT_TIMEOUT_MS, Int(settings.timeout.wholeMilliseconds)) },
            { self.set(CURLOPT_CONNECTTIMEOUT_MS, Int(min(settings.timeout, .seconds(10)).wholeMilliseconds)) },
            { self.set(CURLOPT_MAIL_FROM, settings.from.address) },
            { self.set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2)) },
            { self.set(CURLOPT_USE_SSL, settings.security.use) },
        ]
        if let file = settings.authoritiesFile { steps.append { self.set(CURLOPT_CAINFO, file) } }
        if let credentials = settings.credentials {
            steps.append { self.set(CURLOPT_USERNAME, credentials.username) }
            steps.append {
                credentials.password.withBytes { bytes in
                    // Bytes as they are: a password need not be UTF-8. libcurl takes a copy.
                    unsafe loge_curl_set_string(
                        self.handle, CURLOPT_PASSWORD, bytes.map(CChar.init(bitPattern:)) + [0])
                }
            }
        }
        for step in steps {
            let code = step()
            guard code == CURLE_OK else { return code }
        }
        return CURLE_OK
    }

    private func set(_ option: CURLoption, _ text: String) -> CURLcode {
        unsafe loge_curl_set_string(handle, option, text)
    }

    private func set(_ option: CURLoption, _ number: Int) -> CURLcode {
        unsafe loge_curl_set_long(handle, option, number)
    }
}

extension SMTPSecurity {
    fileprivate var use: Int {
        switch self {
        case .startTLS, .implicitTLS: Int(CURLUSESSL_ALL.rawValue)
        case .opportunistic: Int(CURLUSESSL_TRY.rawValue)
        case .none: Int(CURLUSESSL_NONE.rawValue)
        }
    }
}

/// The bytes that libcurl asks for, piece by piece.
private final class Upload {
    private let bytes: [UInt8]
    private var offset = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    static let read: loge_curl_transfer = { buffer, size, count, context in
        guard let buffer = unsafe buffer, let context = unsafe context else { return 0 }
        let upload = unsafe Unmanaged<Upload>.fromOpaque(context).takeUnretainedValue()
        let length = min(size * count, upload.bytes.count - upload.offset)
        for index in 0..<length {
            unsafe buffer[index] = CChar(bitPattern: upload.bytes[upload.offset + index])
        }
        upload.offset += length
        return length
    }
}
