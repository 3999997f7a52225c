// SPDX-License-Identifier: MIT

public import CameraCore
internal import V4L2

/// A record of what passes between the program and its video devices, for reports from machines that nobody else has.
///
/// ```swift
/// try V4L2Trace.begin(path: "calls.txt")
/// let camera = try Camera(.device("/dev/video0"))
/// // ...
/// camera.close()
/// try V4L2Trace.end()
/// ```
///
/// Each line of the file is a system call: when it was made, by which thread, with what arguments and answer, and how long
/// it took. It has no pictures. While no trace was begun, nothing is done for it.
public enum V4L2Trace {
    /// Begins a trace of all V4L2 devices that are opened from now on; a trace that was begun before ends.
    ///
    /// - Parameter path: The file, which is written anew; a regular one, so that writing does not make cameras wait.
    /// - Throws: `.output` when it cannot be opened.
    public static func begin(path: String) throws(CameraError) {
        let trace: CallTrace
        do throws(DeviceError) {
            trace = try CallTrace(path: path)
        } catch {
            let reason: String? =
                switch error.errno {
                case .invalidArgument: "it is not a regular file; give it another name"
                case .resourceBusy: "this program reads or writes it; give it another name"
                default: nil
                }
            throw CameraError(.output, "beginning a trace", subject: path, reason: reason, systemError: error.errno)
        }
        try close(SystemCalls.trace(to: trace))
    }

    /// Ends the trace; does nothing when there is none.
    ///
    /// - Throws: `.output` when not all could be written.
    public static func end() throws(CameraError) {
        try close(SystemCalls.trace(to: nil))
    }

    private static func close(_ trace: CallTrace?) throws(CameraError) {
        do throws(DeviceError) {
            try trace?.close()
        } catch {
            throw CameraError(
                .output, "writing a trace", subject: error.device, reason: "the rest is missing",
                systemError: error.errno)
        }
    }
}
