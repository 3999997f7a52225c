// SPDX-License-Identifier: MIT

internal import CLinux
package import CameraCore
internal import Glibc
package import SystemPackage
package import V4L2

/// What a ``Diagnosis`` looks at; tests put a folder and scripts in its place.
package struct DiagnosedMachine: Sendable {
    /// What stands before the paths of all files: empty, or a folder with a /dev, /etc, /proc and /sys of its own.
    package var root = ""
    /// How video devices are opened and asked.
    package var calls = SystemCalls.current
    /// The user who wants to record, and the groups of this process.
    package var user = DiagnosedMachine.currentUser
    package var groups = DiagnosedMachine.currentGroups
    /// What a file system has left; the error where the folder is not there.
    package var space: @Sendable (_ folder: String) -> Result<Space, Errno> = DiagnosedMachine.space
    /// Whether the kernel knows that its clock is set by a server; nil where it does not tell.
    package var isClockSet: @Sendable () -> Bool? = {
        let state = clinux_clock_is_set()
        return state < 0 ? nil : state > 0
    }
    /// The time, and when the program was built, both in seconds since 1970.
    package var now: @Sendable () -> Int = { Int(WallTime.now.nanosecondsSince1970 / 1_000_000_000) }
    package var buildTime: @Sendable () -> Int? = DiagnosedMachine.buildTime
    /// The libraries that are loaded when they are needed.
    package var libraries: @Sendable () -> [Library] = DiagnosedMachine.libraries
    /// The cameras of libcamera.
    package var processorCameras: @Sendable () -> [ProcessorCamera] = DiagnosedMachine.processorCameras

    /// What a file system has left.
    package struct Space: Sendable {
        package let freeBytes: Int
        package let freeFiles: Int
        package let isReadOnly: Bool
        /// Whether this process may make files in the folder.
        package let isWritable: Bool

        package init(freeBytes: Int, freeFiles: Int = 1_000_000, isReadOnly: Bool = false, isWritable: Bool = true) {
            (self.freeBytes, self.freeFiles) = (freeBytes, freeFiles)
            (self.isReadOnly, self.isWritable) = (isReadOnly, isWritable)
        }
    }

    /// A library that is loaded when it is needed.
    package struct Library: Sendable {
        package let name: String
        /// What it is for: "movies, containers and streams".
        package let purpose: String
        /// What installs it.
        package let package: String
        /// Why it cannot be loaded; nil where it can.
        package let failure: String?

        /// Describes a library, and why it could not be loaded.
        package init(_ name: String, for purpose: String, package: String, failure: CameraError?) {
            (self.name, self.purpose, self.package) = (name, purpose, package)
            self.failure = failure.map { $0.reason ?? "\($0)" }
        }
    }

    /// A camera that libcamera drives.
    package struct ProcessorCamera: Sendable {
        package let name: String
        /// Its video devices, which are no cameras by themselves: "/dev/video0".
        package let nodes: [String]

        package init(name: String, nodes: [String]) {
            (self.name, self.nodes) = (name, nodes)
        }
    }

    package init() {}

    // MARK: Files below the root

    /// The names in a folder, sorted.
    func names(_ folder: String) -> [String] {
        SystemCalls.linux.names(root + folder).filter { $0 != "." && $0 != ".." }.sorted()
    }

    /// What a link says.
    func linkTarget(_ path: String) -> String? { SystemCalls.linux.linkTarget(root + path) }

    /// A path without links; nil where there is nothing.
    func canonicalPath(_ path: String) -> String? {
        guard let found = SystemCalls.linux.canonicalPath(root + path) else { return nil }
        guard !root.isEmpty, let top = SystemCalls.linux.canonicalPath(root) else { return found }
        return found.hasPrefix(top) ? String(found.dropFirst(top.count)) : found
    }

    /// A file's text, of 64 KB at most; nil where it cannot be read.
    func text(_ path: String) -> String? {
        let descriptor = (root + path).withFileName { clinux_open($0, O_RDONLY | O_CLOEXEC | O_NONBLOCK, 0) }
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 4096)
        while bytes.count < 65_536 {
            let count = read(descriptor, &block, block.count)
            guard count > 0 else { break }
            bytes += block[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// A file's only line.
    func line(_ path: String) -> String? {
        text(path)?.split(separator: "\n").first.map { String($0).trimmed }
    }
}

extension String {
    /// As one word of a shell's command.
    var asShellWord: String {
        "'\(split(separator: "'", omittingEmptySubsequences: false).joined(separator: #"'\''"#))'"
    }

    /// Without spaces around it, and without the zero that texts of the device tree end with.
    var trimmed: String {
        let isBlank: (Character) -> Bool = { $0 == " " || $0 == "\t" || $0 == "\0" }
        guard let first = firstIndex(where: { !isBlank($0) }), let last = lastIndex(where: { !isBlank($0) }) else {
            return ""
        }
        return String(self[first...last])
    }
}
