// SPDX-License-Identifier: MIT

// The time on every picture, to the moment that it was taken, with a frame that the program draws around it.

import CameraKit
import SampleCamera

let camera = try openCamera()
defer { camera.close() }

try camera.changeStyle { style in
    style.annotation = Annotation("{timestamp:%Y-%m-%d %H:%M:%S.%f}\npicture {frame:06d}") {
        $0.position = .bottomLeft
        $0.outline = .black
    }
    // Called for each picture, on an encoder's thread.
    style.drawing = { canvas in
        canvas.outline(PixelRegion(x: 0, y: 0, size: canvas.size), .yellow, width: 4)
    }
}
try camera.startRecording(to: "clock.h264")
try camera.waitRecording(.seconds(3))
// Another port may have pictures as they come.
try camera.changeStyle(splitterPort: 5) { $0 = PictureStyle() }
try camera.capture(to: "clock.jpg")
try camera.capture(to: "plain.jpg", splitterPort: 5)
try camera.stopRecording()
print("clock.h264, clock.jpg and, without the time, plain.jpg")
