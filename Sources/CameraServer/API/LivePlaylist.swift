// SPDX-License-Identifier: MIT

internal import CameraContainers
internal import CameraCore
internal import CameraKit
internal import CameraOutputs
internal import Glibc

/// A camera's live pictures as a playlist of HLS, made while somebody asks for it.
///
/// Phases: nobody asks; running, with a folder of its own; and back, half a minute after the last question. The task that
/// writes moves it on.
final class LivePlaylist: Sendable {
    private let state = Monitor(State())

    private struct State {
        var folder: String?
        /// Whether the list has its first segment.
        var isListed = false
        var task: Task<Void, Never>?
        var asked = Timestamp.now
    }

    /// How long it goes on when nobody asks any more.
    private static let lingering = Duration.seconds(30)
    /// How long the first segment may take.
    private static let patience = Duration.seconds(15)

    /// Opens a file of the playlist's folder, making the playlist first where there is none.
    ///
    /// - Throws: `.notFound`; `.timedOut` where no segment was made in time; what the camera is away with.
    func file(_ name: String, of station: Station) async throws(CameraError) -> ServedFile {
        let isPlain = name.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E: true
            default: false
            }
        }
        guard isPlain, !name.hasPrefix("."), [".m3u8", ".mp4", ".m4s"].contains(where: name.hasSuffix) else {
            throw CameraError(.notFound, "looking for a file of the playlist")
        }
        let folder = try await begin(station)
        let isListed = await state.suspend(until: .now + Self.patience) { state in
            state.isListed || state.folder != folder ? state.isListed : nil
        }
        guard isListed == true else {
            throw CameraError(
                .timedOut, "making the playlist", subject: station.plan.name,
                reason: "the camera has given no pictures for it yet; try again")
        }
        guard let file = ServedFile("\(folder)/\(name)") else {
            throw CameraError(.notFound, "looking for a file of the playlist")
        }
        return file
    }

    /// The folder of the playlist that runs, or begins now.
    private func begin(_ station: Station) async throws(CameraError) -> String {
        _ = try await station.camera("making the playlist")
        return try state.withLock { state throws(CameraError) in
            state.asked = .now
            if let folder = state.folder { return folder }
            let folder = try Self.makeFolder()
            (state.folder, state.isListed) = (folder, false)
            state.task = Task.ofServer { [self] in await write(to: folder, station) }
            return folder
        }
    }

    /// Waits until the folder of the last run is gone; called when the camera's pictures have ended.
    func end() async { await state.withLock(\.task)?.value }

    /// A new folder, in memory where the system has such a place.
    private static func makeFolder() throws(CameraError) -> String {
        let places = [getenv("XDG_RUNTIME_DIR").map { String(cString: $0) }, "/dev/shm", "/tmp"].compactMap(\.self)
        for place in places {
            var path = Array("\(place)/camera-live-XXXXXX".utf8CString)
            if mkdtemp(&path) != nil {
                return String(decoding: path.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
            }
        }
        throw CameraError(.output, "making the playlist's folder", systemError: .init(rawValue: errno))
    }

    /// Writes the pictures of a viewer into the folder until nobody has asked for a while.
    private func write(to folder: String, _ station: Station) async {
        guard let output = try? HLSOutput(path: "\(folder)/index.m3u8"), let viewer = station.video.join(.pictures)
        else {
            return forget(folder)
        }
        var (hasBegun, isListed) = (false, false)
        while !isIdle, !viewer.isEnded {
            do {
                switch await viewer.next(until: .now + .seconds(1)) {
                // Later ones come with their first picture's parameter sets, and the playlist goes on.
                case .beginning(let beginning):
                    if !hasBegun { try output.begin(beginning.stream) }
                    hasBegun = true
                case .picture(let chunk):
                    try output.write(chunk.bytes.span.bytes, chunk.info)
                    // The list is there, empty, before its first segment.
                    if !isListed, (ServedFile("\(folder)/index.m3u8")?.byteCount ?? 0) > 0 {
                        isListed = true
                        state.update { $0.isListed = true }
                    }
                case .rest, nil: break
                }
            } catch {
                station.news.tell(station.plan.name, "warning", "playlist", "\(error)")
                break
            }
        }
        station.video.leave(viewer, .pictures)
        try? output.close()
        forget(folder)
    }

    /// The next question makes a new one.
    private func forget(_ folder: String) {
        state.update { $0.folder = nil }
        remove(folder)
    }

    private var isIdle: Bool { state.withLock { .now - $0.asked > Self.lingering } }

    private func remove(_ folder: String) {
        guard let listing = opendir(folder) else { return }
        defer { closedir(listing) }
        while let entry = readdir(listing) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { unlink("\(folder)/\(name)") }
        }
        rmdir(folder)
    }
}
