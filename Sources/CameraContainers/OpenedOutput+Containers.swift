// SPDX-License-Identifier: MIT

package import CameraCore
package import CameraOutputs

extension OpenedOutput {
    /// Puts the pictures of a path that was opened into the container that its extension names; others go on as they are.
    ///
    /// - Parameter path: The path.
    /// - Returns: What takes the pictures.
    package func inContainer(of path: String) -> OpenedOutput {
        let suffix = MediaFormat.fileExtension(of: path)
        var options = MP4Options()
        switch suffix {
        case "mp4": options.brand = .mp4
        case "m4v": options.brand = .m4v
        case "mov": options.brand = .mov
        default:
            #if Containers
            guard let kind = ContainerKind(fileExtension: suffix) else { return self }
            return OpenedOutput(ContainerOutput(self, kind: kind), isOwned: isOwned, name: name)
            #else
            return self
            #endif
        }
        return OpenedOutput(MP4Output(self, options: options), isOwned: isOwned, name: name)
    }

    /// The playlist that a path names, with its segments; nil for a path that is another file.
    ///
    /// - Parameters:
    ///   - target: The path.
    ///   - timeout: How long to wait for a disk that does not answer; nil for as long as it takes.
    ///   - keeper: Who makes room when the disk is full.
    /// - Returns: The output.
    /// - Throws: What ``HLSOutput/init(path:options:)`` throws.
    package static func playlist(
        at target: OutputTarget, timeout: Duration?, keeper: (any DiskKeeper)?
    ) throws(CameraError) -> OpenedOutput? {
        guard case .path(let path) = target, target.isPlaylist else { return nil }
        let output = try HLSOutput(path: path, options: HLSOptions(), timeout: timeout, keeper: keeper)
        return OpenedOutput(output, isOwned: true, name: path)
    }

    /// The queued stream to an address; nil for a path that is none.
    ///
    /// - Parameters:
    ///   - target: The address.
    ///   - stopTimeout: The longest time that the end waits for the network.
    /// - Returns: The output, which connects when its first picture comes.
    /// - Throws: `.invalidFormat` for a protocol that is not known; `.unsupported` in a build without libavformat.
    package static func stream(to target: OutputTarget, stopTimeout: Duration) throws(CameraError) -> OpenedOutput? {
        guard case .path(let url) = target, url.contains("://") else { return nil }
        #if Containers
        _ = try StreamOutput.kind(of: url)
        let queued = QueuedOutput(name: url, reopening: .backoff, stopTimeout: stopTimeout) {
            try StreamOutput(url: url)
        }
        return OpenedOutput(queued, isOwned: true, name: url)
        #else
        try target.check(for: .h264, "opening the stream")
        return nil
        #endif
    }
}
