// SPDX-License-Identifier: MIT

internal import CameraContainers
internal import CameraCore
internal import CameraEncoders
internal import CameraOutputs

/// Files of a template whose writer was killed or lost its power.
enum InterruptedFiles {
    /// How many of the newest files are looked at: older ones were when the recordings after them began.
    private static let count = 8
    private static let suffixes: Set = ["mp4", "m4v", "mov"]

    /// Makes ordinary files of them, on a thread of its own, which a recording does not wait for.
    ///
    /// Does nothing for templates of other files. A file that is in use, or was written by something else, is left alone.
    ///
    /// - Parameters:
    ///   - template: What names the files of a recording that goes on behind them.
    ///   - port: The recording's port.
    ///   - report: Takes events; must not wait.
    static func repair(_ template: FileTemplate, port: Int, report: @escaping @Sendable (CameraEvent) -> Void) {
        let name = template.name(counter: 0)
        guard let suffix = MediaFormat.fileExtension(of: name), suffixes.contains(suffix) else { return }
        do {
            _ = try WorkerThread("enc\(port)-repair") {
                let newest = template.existing().sorted { $0.changed > $1.changed }
                for file in newest.lazy.filter({ !FileUse.isInUse($0.path) }).prefix(count) {
                    repair(file.path, port, report)
                }
            }
        } catch {
            report(.outputFailed(splitterPort: port, error))
        }
    }

    private static func repair(_ path: String, _ port: Int, _ report: (CameraEvent) -> Void) {
        do throws(CameraError) {
            guard case .repaired(let pictures) = try MP4.repair(path) else { return }
            report(.fileRepaired(splitterPort: port, name: path, pictures: pictures))
        } catch {
            // Somebody writes to it, it is none of ours, or its time was over meanwhile.
            if [.busy, .corruptData, .notFound].contains(error.code) { return }
            report(.outputFailed(splitterPort: port, error))
        }
    }
}
