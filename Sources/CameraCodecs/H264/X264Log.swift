// SPDX-License-Identifier: MIT

#if X264
internal import CX264
internal import Synchronization

/// Takes what libx264 says, which by default goes to standard error, and keeps the last error for our own message.
final class X264Log: @unchecked Sendable {
    // Unchecked: the receiver is written once, here, and only read by the encoder's threads.

    private let receiver = UnsafeMutablePointer<cx264_receiver>.allocate(capacity: 1)
    private let lastError = Mutex<String?>(nil)

    init() {
        let context = Unmanaged.passUnretained(self).toOpaque()
        receiver.initialize(
            to: cx264_receiver(
                receive: { context, text in
                    Unmanaged<X264Log>.fromOpaque(context).takeUnretainedValue().take(String(cString: text))
                },
                context: context))
    }

    deinit {
        receiver.deallocate()
    }

    /// The last error since it was asked for; nil when there was none.
    func takeError() -> String? {
        lastError.withLock { $0.take() }
    }

    /// Makes an encoder that is opened with the parameters report here; it must not outlive this object.
    func attach(to parameters: inout x264_param_t) {
        cx264_report_errors(&parameters, receiver)
    }

    private func take(_ text: String) {
        lastError.withLock { $0 = text.split(separator: "\n").joined(separator: " ") }
    }
}
#endif
