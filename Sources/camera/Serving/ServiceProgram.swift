// SPDX-License-Identifier: MIT

internal import CameraKit
internal import Glibc

/// The program that serves what a file describes: one of its own, since reading YAML brings libraries that each start of
/// `camera` would pay for.
enum ServiceProgram {
    private static let name = "camera-service"

    /// Becomes that program.
    ///
    /// - Parameter arguments: Its arguments.
    /// - Returns: Why it could not.
    static func replaceThisProgram(_ arguments: [String]) -> CameraError {
        var reason = "it is not there"
        for path in places {
            guard path.withFileName({ access($0, F_OK) }) == 0 else { continue }
            let words = ([path] + arguments).map { word in word.withFileName { strdup($0) } }
            _ = path.withFileName { execv($0, words + [nil]) }
            reason = "\(path): \(String(cString: strerror(errno)))"
            for word in words { free(word) }
            break
        }
        return CameraError(
            .notFound, "starting the service", subject: name,
            reason: "\(reason); it belongs to the package of the tool, and 'make install' of swift-camera puts it into "
                + "libexec/camera beside bin")
    }

    /// Where it may be, the first one first.
    private static var places: [String] {
        var places: [String] = []
        var bytes = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("/proc/self/exe", &bytes, bytes.count - 1)
        let own = count > 0 ? String(cFileName: bytes) : ""
        if let slash = own.lastIndex(of: "/") {
            let folder = own[..<slash]
            places = ["\(folder)/\(name)", "\(folder)/../libexec/camera/\(name)"]
        }
        let path = getenv("PATH").map { String(cFileName: $0) } ?? ""
        return places + path.split(separator: ":").map { "\($0)/\(name)" }
    }
}
