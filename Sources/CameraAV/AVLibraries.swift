// SPDX-License-Identifier: MIT

#if Containers

package import CAVFormat
package import CameraCore
internal import Glibc

/// libavformat, libavcodec and libavutil, loaded when they are first asked for.
///
/// Linking them would cost every program start 22 ms, 25 MB and 140 shared objects, so the package is built with their
/// headers alone and finds the libraries of the same major version at run time. They stay loaded. Safe to use from any
/// thread.
package final class AVLibraries: Sendable {
    /// The functions of the libraries.
    package let functions: cav_functions

    /// The libraries, loaded by the first call.
    ///
    /// - Throws: `.missingLibrary` that names the package to install.
    package static func loaded() throws(CameraError) -> AVLibraries {
        try shared.get()
    }

    private static let shared = Result { () throws(CameraError) in try AVLibraries() }

    private init() throws(CameraError) {
        let util = try Self.open("avutil", LIBAVUTIL_VERSION_MAJOR)
        let codec = try Self.open("avcodec", LIBAVCODEC_VERSION_MAJOR)
        let format = try Self.open("avformat", LIBAVFORMAT_VERSION_MAJOR)
        let table = UnsafeMutablePointer<cav_functions>.allocate(capacity: 1)
        defer { table.deallocate() }
        if let missing = cav_resolve(util, codec, format, table) {
            throw Self.missing("libavformat", reason: "it has no function \(String(cString: missing))")
        }
        functions = table.pointee
        functions.av_log_set_level(AV_LOG_QUIET)
    }

    private static func open(_ name: String, _ version: Int32) throws(CameraError) -> UnsafeMutableRawPointer {
        let file = "lib\(name).so.\(version)"
        guard let handle = dlopen(file, RTLD_LAZY | RTLD_LOCAL) else {
            throw missing(file, reason: dlerror().map { String(cString: $0) } ?? "it cannot be loaded")
        }
        return handle
    }

    private static func missing(_ library: String, reason: String) -> CameraError {
        CameraError(
            .missingLibrary, "loading the library", subject: library,
            reason: "\(reason); install libavformat\(LIBAVFORMAT_VERSION_MAJOR) (apt install ffmpeg)")
    }

    /// What an error number of the libraries means.
    package func message(_ code: Int32) -> String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(AV_ERROR_MAX_STRING_SIZE)) { text in
            guard let start = text.baseAddress else { return "error \(code)" }
            _ = functions.av_strerror(code, start, text.count)
            return String(cString: start)
        }
    }
}

#endif
