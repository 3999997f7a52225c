// SPDX-License-Identifier: MIT

package import CLibCamera
package import CameraCore
internal import Glibc

/// The functions of the shim that speaks C with libcamera.
///
/// Linking libcamera would cost every start of a program 10 ms and 26 shared objects, and a program that links it does
/// not even start where another version is installed. So the shim, the product CameraLibCamera, is a library of its own
/// that is loaded when a camera of libcamera is first asked for, and stays loaded.
package struct LibCameraShim: @unchecked Sendable {
    // Unchecked: constant pointers to functions.
    package let functions: clc_face

    /// Takes functions; a test takes some of its own.
    package init(_ functions: clc_face) {
        self.functions = functions
    }

    /// The shim's, loaded by the first call.
    ///
    /// - Throws: `.missingLibrary` that says what to build or install.
    package static func loaded() throws(CameraError) -> LibCameraShim { try shared.get() }

    private static let shared = Result { () throws(CameraError) in try load() }

    private static let file = "libCameraLibCamera.so"

    private static func load() throws(CameraError) -> LibCameraShim {
        #if LibCamera
        let handle = try open()
        guard let symbol = dlsym(handle, CLC_FACE_SYMBOL) else {
            throw missing("it is of another build; build it again with 'swift build'")
        }
        typealias Entry = @convention(c) () -> UnsafePointer<clc_face>?
        guard let face = unsafeBitCast(symbol, to: Entry.self)() else {
            throw missing("it was built without libcamera; install libcamera-dev and build it again")
        }
        guard face.pointee.version == UInt32(CLC_FACE_VERSION) else {
            throw missing("it is of another version; build it again with 'swift build'")
        }
        return LibCameraShim(face.pointee)
        #else
        throw missing("this program was built without the trait LibCamera")
        #endif
    }

    private static func open() throws(CameraError) -> UnsafeMutableRawPointer {
        // Beside the program, or where its installation keeps libraries, or where the system looks.
        let folder = programFolder
        var reason = "it cannot be loaded"
        let installed = ["\(folder)/../lib/camera/\(file)", "\(folder)/../lib/\(file)"]
        for path in ["\(folder)/\(file)"] + installed + [file] {
            let exists = path == file || access(path, F_OK) == 0
            guard exists else { continue }
            if let handle = dlopen(path, RTLD_NOW | RTLD_LOCAL) { return handle }
            reason = dlerror().map { String(cString: $0) } ?? reason
            // A library that is there but lacks another one is what there is to tell of.
            if path != file { break }
        }
        throw missing(
            "\(reason); 'swift build' makes it: keep it in the program's folder \(folder), and install libcamera-dev")
    }

    private static var programFolder: String {
        let path = realpath("/proc/self/exe", nil)
        defer { free(path) }
        let name = path.map { String(cString: $0) } ?? ""
        return String(name[..<(name.lastIndex(of: "/") ?? name.startIndex)])
    }

    private static func missing(_ reason: String) -> CameraError {
        CameraError(.missingLibrary, "loading the library for libcamera", subject: file, reason: reason)
    }
}

/// A use of libcamera's manager, which runs as long as there is one.
package final class LibCameraUse: Sendable {
    /// The functions.
    package let shim: LibCameraShim

    /// Starts the manager, if nobody has.
    ///
    /// - Throws: `.device` with libcamera's words.
    package init(_ shim: LibCameraShim) throws(CameraError) {
        self.shim = shim
        let result = shim.functions.retain()
        guard result >= 0 else { throw shim.failure(result, "starting libcamera", subject: nil) }
    }

    deinit {
        shim.functions.release()
    }
}
