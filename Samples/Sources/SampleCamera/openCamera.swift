// SPDX-License-Identifier: MIT

public import CameraKit

/// Opens the camera that the first argument names ("auto", "test", "/dev/video0", a file); without one, the first real
/// camera, or the test camera where there is none.
public func openCamera(resolution: Resolution = .vga, frameRate: FrameRate = 30) throws(CameraError) -> Camera {
    if let name = CommandLine.arguments.dropFirst().first {
        return try Camera(CameraSelection(parsing: name), resolution: resolution, frameRate: frameRate)
    }
    do throws(CameraError) {
        return try Camera(resolution: resolution, frameRate: frameRate)
    } catch  where error.code == .notFound {
        print("There is no camera here: using the test camera.")
        return try Camera(.test, resolution: resolution, frameRate: frameRate)
    }
}
