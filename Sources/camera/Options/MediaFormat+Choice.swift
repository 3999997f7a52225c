// SPDX-License-Identifier: MIT

internal import ArgumentParser
internal import CameraKit

extension MediaFormat {
    /// The format that was asked for by name, or by the extension of the output.
    ///
    /// - Parameters:
    ///   - name: The value of `--format`.
    ///   - output: The output; "-" has no name that tells a format.
    ///   - allowed: What the verb can write.
    ///   - comesFromDevice: Whether the camera, or an encoder that was named, may make it, which shows when it is opened.
    /// - Throws: `ValidationError` that says what there is, also for what this build cannot make.
    init(chosenBy name: String?, for output: String, among allowed: [MediaFormat], comesFromDevice: Bool = false) throws
    {
        let suffix = output.split(separator: ".").last.map { $0.lowercased() } ?? ""
        if name == nil, Self.containers.contains(suffix) {
            throw ValidationError(
                ".\(suffix) files are not written; record to .mp4, .mkv, .ts, .flv, .m3u8, .h264 or .mjpeg instead")
        }
        do throws(CameraError) {
            if let name {
                try self.init(named: name, among: allowed)
            } else if output == "-" {
                throw CameraError(.invalidFormat, "choosing the format", reason: "standard output needs --format")
            } else {
                try self.init(forFile: output, among: allowed)
            }
        } catch {
            throw ValidationError("\(error)")
        }
        guard isRaw || comesFromDevice || Codecs.available.contains(where: { $0.format == self }) else {
            let others = allowed.filter { other in Codecs.available.contains { $0.format == other } || other.isRaw }
            let libraries: [MediaFormat: String] = [.h264: "264", .h265: "265"]
            var remedy =
                libraries[self].map { "; build it with the trait X\($0) and libx\($0)-dev to have H.\($0)" } ?? ""
            if self == .png || self == .gif {
                remedy = "; build it with the trait Pictures and lib\(self)-dev to have it"
            }
            let list = others.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("this version has no encoder for \(self); it has \(list)\(remedy)")
        }
    }

    private static let containers: Set = ["webm", "avi"]
}
