// SPDX-License-Identifier: MIT

internal import CLinux
internal import CameraAV
internal import CameraCore
internal import Glibc
internal import SystemPackage
internal import V4L2

/// This machine.
extension DiagnosedMachine {
    static var currentUser: String {
        guard let entry = getpwuid(geteuid()), let name = entry.pointee.pw_name else { return "\(geteuid())" }
        return String(cString: name)
    }

    /// The names of this process's groups, which are those of its login.
    static var currentGroups: Set<String> {
        var numbers = [gid_t](repeating: 0, count: 65_536)
        let count = getgroups(Int32(numbers.count), &numbers)
        let all = numbers.prefix(max(Int(count), 0)) + [getegid()]
        return Set(
            all.compactMap { number in
                guard let entry = getgrgid(number), let name = entry.pointee.gr_name else { return nil }
                return String(cString: name)
            })
    }

    static func space(_ folder: String) -> Result<Space, Errno> {
        var system = statvfs()
        guard folder.withFileName({ statvfs($0, &system) }) == 0 else { return .failure(Errno(rawValue: errno)) }
        let block = system.f_frsize
        let free = block.multipliedReportingOverflow(by: UInt(system.f_bavail))
        // Some file systems, such as btrfs, count no files.
        let files = system.f_files == 0 ? Int.max : Int(clamping: system.f_favail)
        return .success(
            Space(
                freeBytes: free.overflow ? .max : Int(clamping: free.partialValue), freeFiles: files,
                isReadOnly: system.f_flag & UInt(ST_RDONLY) != 0,
                isWritable: folder.withFileName { access($0, W_OK | X_OK) } == 0))
    }

    /// When the program's file was written: no clock that is set was before that.
    static func buildTime() -> Int? {
        var file = stat()
        return stat("/proc/self/exe", &file) == 0 ? file.st_mtim.tv_sec : nil
    }

    static func libraries() -> [Library] {
        var libraries: [Library] = []
        #if Containers
        let containers = failure { () throws(CameraError) in _ = try AVLibraries.loaded() }
        libraries.append(
            Library("libavformat", for: "mkv, ts, flv, streams and movies", package: "ffmpeg", failure: containers))
        #endif
        #if LibCamera
        // The library's own package has another name on each release; its tools bring it on all of them.
        let processors = failure { () throws(CameraError) in _ = try LibCameraShim.loaded() }
        libraries.append(
            Library(
                "libcamera", for: "cameras with an image signal processor", package: "libcamera-tools",
                failure: processors))
        #endif
        if let name = ExoticConverter.library {
            let formats = failure { () throws(CameraError) in try ExoticConverter.check(name) }
            libraries.append(
                Library(name, for: "webcams with rare formats", package: "v4l-utils", failure: formats))
        }
        return libraries
    }

    /// What comes of loading a library.
    private static func failure(_ load: () throws(CameraError) -> Void) -> CameraError? {
        do throws(CameraError) {
            try load()
            return nil
        } catch {
            return error
        }
    }

    /// The cameras of libcamera with their video nodes; none where it is not installed.
    static func processorCameras() -> [ProcessorCamera] {
        #if LibCamera
        let found = (try? LibCamera.available()) ?? []
        return found.filter { !$0.isWebcam }.map { ProcessorCamera(name: $0.model ?? $0.id, nodes: $0.nodes) }
        #else
        return []
        #endif
    }
}
