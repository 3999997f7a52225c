// SPDX-License-Identifier: MIT

internal import CameraCore
package import CameraOutputs

extension OpenedOutput {
    /// Puts the pictures of a path that was opened into the container that its extension names; others go on as they are.
    ///
    /// - Parameter path: The path.
    /// - Returns: What takes the pictures.
    package func inContainer(of path: String) -> OpenedOutput {
        var options = MP4Options()
        switch MediaFormat.fileExtension(of: path) {
        case "mp4": options.brand = .mp4
        case "m4v": options.brand = .m4v
        case "mov": options.brand = .mov
        default: return self
        }
        return OpenedOutput(MP4Output(self, options: options), isOwned: isOwned, name: name)
    }
}
