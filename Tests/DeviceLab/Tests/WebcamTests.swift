// SPDX-License-Identifier: MIT

import CameraDevices
import CameraKit
import Foundation
import TestSupport
import Testing

extension DeviceLab {
    /// USB webcams, which are programs behind the kernel's own driver.
    @Suite struct WebcamTests {
        @Test(arguments: [WebcamDescriptors.Transfer.bulk, .isochronous], [PixelFormat.yuyv, .mjpeg])
        func picturesArriveWholeAndInOrder(transfer: WebcamDescriptors.Transfer, format: PixelFormat) throws {
            let webcam = try USBWebcam(transfer)
            let camera = try V4L2Camera(
                webcam.node(),
                configuration: SourceConfiguration(
                    resolution: Resolution(320, 240), frameRate: 10, pixelFormat: format))
            defer { camera.close() }
            try camera.start()
            for _ in 0..<20 {
                let frame = try camera.nextFrame()
                print(frame.info.sequence, frame.packed.count, FrameNumberCode.read(frame) as Any)
            }
        }
    }
}
