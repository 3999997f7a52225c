// SPDX-License-Identifier: MIT

internal import CLinux
package import Glibc
package import SystemPackage

/// Every system call of the V4L2 floor and of what is built on it.
///
/// ``linux`` makes the real calls; tests replace them by those of a scripted driver. None retries after a signal.
package struct SystemCalls: Sendable {
    /// open(2) for reading and writing, non-blocking, close-on-exec.
    package var open: @Sendable (_ path: String) -> Result<Int32, Errno>
    /// close(2).
    package var close: @Sendable (_ descriptor: Int32) -> Void
    /// ioctl(2); nil when it succeeded.
    package var ioctl: @Sendable (_ descriptor: Int32, _ request: UInt, _ argument: UnsafeMutableRawPointer) -> Errno?
    /// mmap(2), shared, for reading and writing.
    package var map: @Sendable (_ descriptor: Int32, _ offset: Int, _ byteCount: Int) -> Result<Mapping, Errno>
    /// munmap(2).
    package var unmap: @Sendable (_ mapping: Mapping) -> Void
    /// poll(2); nil when it succeeded.
    package var poll: @Sendable (_ entries: UnsafeMutableBufferPointer<pollfd>, _ milliseconds: Int32) -> Errno?
    /// eventfd(2), non-blocking, close-on-exec, with a count of zero.
    package var makeCounter: @Sendable () -> Result<Int32, Errno>
    /// Adds one to an eventfd's count.
    package var raiseCounter: @Sendable (_ descriptor: Int32) -> Void
    /// Sets an eventfd's count to zero.
    package var clearCounter: @Sendable (_ descriptor: Int32) -> Void
    /// inotify(7), non-blocking, close-on-exec: readable when a file of the folder appears or changes its permissions.
    package var watchFolder: @Sendable (_ folder: String) -> Result<Int32, Errno>
    /// Reads away what an inotify descriptor tells.
    package var clearWatch: @Sendable (_ descriptor: Int32) -> Void
    /// The names in a folder; none when it cannot be read.
    package var names: @Sendable (_ folder: String) -> [String]
    /// readlink(2); nil when it is not a link that can be read.
    package var linkTarget: @Sendable (_ path: String) -> String?
    /// realpath(3); nil when there is no such file.
    package var canonicalPath: @Sendable (_ path: String) -> String?
    /// The first bytes of a small file as text; nil when it cannot be read.
    package var text: @Sendable (_ path: String) -> String?

    /// Memory of a driver in the program's address space.
    package struct Mapping: @unchecked Sendable {
        // Unchecked: an address and a length; who holds it decides about access.
        package let address: UnsafeMutableRawPointer
        package let byteCount: Int

        package init(address: UnsafeMutableRawPointer, byteCount: Int) {
            self.address = address
            self.byteCount = byteCount
        }
    }
}

extension SystemCalls {
    /// The kernel's.
    package static let linux = SystemCalls(
        open: { path in
            let descriptor = path.withFileName { clinux_open($0, O_RDWR | O_NONBLOCK | O_CLOEXEC, 0) }
            return descriptor < 0 ? .failure(Errno(rawValue: -descriptor)) : .success(descriptor)
        },
        close: { _ = Glibc.close($0) },
        ioctl: { Glibc.ioctl($0, $1, $2) == -1 ? Errno(rawValue: errno) : nil },
        map: { descriptor, offset, byteCount in
            let address = mmap(nil, byteCount, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, offset)
            guard let address, address != MAP_FAILED else { return .failure(Errno(rawValue: errno)) }
            return .success(Mapping(address: address, byteCount: byteCount))
        },
        unmap: { munmap($0.address, $0.byteCount) },
        poll: { entries, milliseconds in
            Glibc.poll(entries.baseAddress, nfds_t(entries.count), milliseconds) == -1 ? Errno(rawValue: errno) : nil
        },
        makeCounter: {
            let descriptor = clinux_eventfd()
            return descriptor < 0 ? .failure(Errno(rawValue: -descriptor)) : .success(descriptor)
        },
        raiseCounter: { descriptor in
            var one: UInt64 = 1
            // Fails only when the count is at its end, and then it is raised already.
            _ = write(descriptor, &one, MemoryLayout<UInt64>.size)
        },
        clearCounter: { descriptor in
            var count: UInt64 = 0
            // Fails only when the count is zero already.
            _ = read(descriptor, &count, MemoryLayout<UInt64>.size)
        },
        watchFolder: { folder in
            let descriptor = inotify_init1(Int32(IN_NONBLOCK) | Int32(IN_CLOEXEC))
            guard descriptor >= 0 else { return .failure(Errno(rawValue: errno)) }
            // udev gives a node its group and mode after the kernel has made it.
            guard inotify_add_watch(descriptor, folder, UInt32(IN_CREATE | IN_ATTRIB | IN_MOVED_TO)) >= 0 else {
                let error = Errno(rawValue: errno)
                _ = Glibc.close(descriptor)
                return .failure(error)
            }
            return .success(descriptor)
        },
        clearWatch: { descriptor in
            withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 8) { buffer in
                while read(descriptor, buffer.baseAddress, buffer.count) > 0 {}
            }
        },
        names: { folder in
            guard let stream = opendir(folder) else { return [] }
            defer { closedir(stream) }
            var names: [String] = []
            while let entry = readdir(stream) { names.append(String(cArray: entry.pointee.d_name)) }
            return names
        },
        linkTarget: { path in
            withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(PATH_MAX)) { buffer in
                guard let start = buffer.baseAddress else { return nil }
                let count = readlink(path, start, buffer.count)
                return count < 0 ? nil : String(decoding: UnsafeRawBufferPointer(buffer)[..<count], as: UTF8.self)
            }
        },
        canonicalPath: { path in
            guard let found = path.withFileName({ realpath($0, nil) }) else { return nil }
            defer { free(found) }
            return String(cFileName: found)
        },
        text: { path in
            let descriptor = clinux_open(path, O_RDONLY | O_CLOEXEC, 0)
            guard descriptor >= 0 else { return nil }
            defer { _ = Glibc.close(descriptor) }
            return withUnsafeTemporaryAllocation(byteCount: 256, alignment: 1) { buffer in
                let count = read(descriptor, buffer.baseAddress, buffer.count)
                return count < 0 ? nil : String(decoding: buffer[..<count], as: UTF8.self)
            }
        }
    )
}

extension String {
    /// The text of a C array of characters, which Swift imports as a tuple, up to its first zero.
    init(cArray characters: some Any) {
        self = withUnsafeBytes(of: characters) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
}
