// SPDX-License-Identifier: MIT

#if X264
internal import CX264
internal import Glibc
internal import Synchronization

/// Takes what libx264 says, which by default goes to standard error, and keeps the last error for our own message.
final class X264Log: Sendable {
    private let lastError = Mutex<String?>(nil)

    /// The last error since it was asked for; nil when there was none.
    func takeError() -> String? {
        lastError.withLock { $0.take() }
    }

    /// Makes an encoder that is opened with the parameters report here; it must not outlive this object.
    func attach(to parameters: inout x264_param_t) {
        parameters.i_log_level = X264_LOG_ERROR
        parameters.p_log_private = Unmanaged.passUnretained(self).toOpaque()
        parameters.pf_log = { context, level, format, arguments in
            guard level == X264_LOG_ERROR, let context, let format, let arguments else { return }
            let text = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 512) { buffer in
                vsnprintf(buffer.baseAddress, buffer.count, format, arguments)
                return buffer.baseAddress.map { String(cString: $0) } ?? ""
            }
            let log = Unmanaged<X264Log>.fromOpaque(context).takeUnretainedValue()
            log.lastError.withLock { $0 = text.split(separator: "\n").joined(separator: " ") }
        }
    }
}
#endif
