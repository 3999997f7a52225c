// SPDX-License-Identifier: MIT

public import CameraCore
internal import V4L2

/// A trace of the system calls on the program's video devices, for reports of problems with cameras that others do not
/// have.
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
/// it took. The file has no pictures. Without a trace the calls are not recorded.
public enum V4L2Trace {
    /// Begins a trace of all V4L2 devices that are opened from now on; a trace that was begun before ends.
    ///
    /// - Parameter path: The path of a regular file, which is overwritten; writing to other files could make cameras
    ///   wait.
    /// - Throws: `.output` when the file cannot be opened.
    public static func begin(path: String) throws(CameraError) {
        let trace: CallTrace
        do throws(DeviceError) {
            trace = try CallTrace(path: path)
        } catch {
            let reason: String? =
                switch error.errno {
                case .invalidArgument: "it is not a regular file; give it another name"
                case .resourceBusy: "this program reads or writes it; give it another name"
                case .noSuchFileOrDirectory, .notDirectory: "its folder does not exist; create it first"
                case .permissionDenied: "this user may not write there; choose another place"
                default: nil
                }
            throw CameraError(.output, "beginning a trace", subject: path, reason: reason, systemError: error.errno)
        }
        try close(SystemCalls.trace(to: trace))
    }

    /// Ends the trace; does nothing when there is none.
    ///
    /// - Throws: `.output` when a part of the trace could not be written.
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
