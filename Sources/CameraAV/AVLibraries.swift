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
            throw Self.missing(
                Self.file("avformat", LIBAVFORMAT_VERSION_MAJOR),
                reason: "it has no function \(String(cString: missing)); build this program again on this machine")
        }
        functions = table.pointee
        functions.av_log_set_level(AV_LOG_QUIET)
    }

    /// Loads a library of a major version.
    ///
    /// - Throws: `.missingLibrary` that says what to do on the machine that runs.
    package static func open(_ name: String, _ version: Int32) throws(CameraError) -> UnsafeMutableRawPointer {
        let file = file(name, version)
        if let handle = dlopen(file, RTLD_LAZY | RTLD_LOCAL) { return handle }
        let reason = dlerror().map { String(cString: $0) } ?? "it cannot be loaded"
        if let other = installedVersion(of: name, near: version) {
            throw missing(
                file, reason: "\(reason); this machine has version \(other): build this program again on this machine")
        }
        throw missing(file, reason: "\(reason); install lib\(name)\(version) (apt install ffmpeg)")
    }

    private static func file(_ name: String, _ version: Int32) -> String { "lib\(name).so.\(version)" }

    /// A major version that is installed though the wanted one is not: a program that was built on another release.
    private static func installedVersion(of name: String, near version: Int32) -> Int32? {
        for other in (version - 8)...(version + 8) {
            guard let handle = dlopen(file(name, other), RTLD_LAZY | RTLD_LOCAL) else { continue }
            dlclose(handle)
            return other
        }
        return nil
    }

    private static func missing(_ library: String, reason: String) -> CameraError {
        CameraError(.missingLibrary, "loading the library", subject: library, reason: reason)
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
