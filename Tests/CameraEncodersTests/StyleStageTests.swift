// SPDX-License-Identifier: MIT

import CameraCore
import CameraEncoders
import CameraImaging
import Foundation
import Synchronization
import TestSupport
import Testing

/// What encoders with the same style share.
@Suite struct StyleStageTests {
    private static let size = Resolution(64, 48)

    private func frame() throws -> Frame {
        let bytes = try #require(BytePool().take(Self.size.pixelCount * 3 / 2))
        bytes.baseAddress.initializeMemory(as: UInt8.self, repeating: 100, count: Self.size.pixelCount * 3 / 2)
        let info = FrameInfo(
            timestamp: Timestamp(nanoseconds: 1), wallTime: WallTime(nanosecondsSince1970: 2), sequence: 3)
        return Frame(packed: .nv12, size: Self.size, color: .bt601, info: info, bytes: bytes)
    }

    private func prepared(_ change: (inout PictureStyle) -> Void) throws -> PreparedStyle {
        var style = PictureStyle()
        change(&style)
        return try PreparedStyle(style)
    }

    @Test func theSameStyleGivesTheSameFrame() throws {
        let (stage, frame) = (ConversionStage(), try frame())
        let (one, other) = (
            try prepared { $0.colorEffects = .blackAndWhite }, try prepared { $0.colorEffects = .blackAndWhite }
        )
        let first = try stage.convert(frame, to: .nv12, size: Self.size, color: .bt601, style: one)
        #expect(first !== frame)
        #expect(try stage.convert(frame, to: .nv12, size: Self.size, color: .bt601, style: one) === first)
        #expect(try stage.convert(frame, to: .nv12, size: Self.size, color: .bt601, style: other) !== first)
        #expect(try stage.convert(frame, to: .nv12, size: Self.size, color: .bt601) === frame)
        #expect(try stage.convert(frame, to: .nv12, size: Self.size, color: .bt601, style: prepared { _ in }) === frame)
        let rgb = try stage.convert(frame, to: .rgb24, size: Self.size, color: .sRGB)
        #expect(try stage.convert(frame, to: .rgb24, size: Self.size, color: .sRGB, style: prepared { _ in }) === rgb)
    }

    @Test func aFrameThatIsAlreadyAsWantedIsLetGo() throws {
        let stage = ConversionStage()
        weak var gone: Frame?
        do {
            let frame = try frame()
            gone = frame
            // Colours that nobody named are those of BT.601: nothing is to be done.
            #expect(try stage.convert(frame, to: .nv12, size: Self.size, color: .unspecified) === frame)
        }
        #expect(gone == nil)
    }

    @Test func manyWorkersDrawOnce() throws {
        let (stage, frame) = (ConversionStage(), try frame())
        let drawn = Atomic(0)
        let results = Mutex<[ObjectIdentifier]>([])
        let kept = Mutex<[Frame]>([])
        let style = try prepared {
            $0.drawing = { canvas in
                drawn.add(1, ordering: .relaxed)
                canvas.fill(PixelRegion(x: 0, y: 0, size: Resolution(4, 4)), .red)
            }
        }
        let size = Self.size
        for _ in 0..<4 {
            Thread {
                let made = try? stage.convert(frame, to: .yuv420, size: size, color: .bt601, style: style)
                if let made { kept.withLock { $0.append(made) } }
                results.withLock { $0.append(ObjectIdentifier(made ?? frame)) }
            }.start()
        }
        #expect(eventually { results.withLock { $0.count } == 4 })
        #expect(Set(results.withLock { $0 }).count == 1)
        #expect(drawn.load(ordering: .relaxed) == 1)
    }

    @Test func failuresArriveAtAllWhoAsk() throws {
        struct Mine: Error {}
        let (stage, frame) = (ConversionStage(), try frame())
        let style = try prepared { $0.drawing = { _ in throw Mine() } }
        for _ in 0..<2 {
            let error = #expect(throws: CameraError.self) {
                try stage.convert(frame, to: .nv12, size: Self.size, color: .bt601, style: style)
            }
            #expect(error?.underlying is Mine)
        }
        let large = try PictureOverlay([UInt8](repeating: 0, count: 3 * 65), size: Resolution(65, 1))
        let error = #expect(throws: CameraError.self) {
            try stage.convert(
                frame, to: .nv12, size: Self.size, color: .bt601, style: prepared { $0.overlays = [large] })
        }
        #expect(error?.description.contains("65x1") == true && error?.description.contains("64x48") == true)
    }

    @Test func quarterTurnsSwapTheSides() throws {
        let (stage, frame) = (ConversionStage(), try frame())
        let style = try prepared {
            $0.transform = Transform(rotation: .clockwise270)
            $0.zoom = ZoomRegion(x: 0, y: 0, width: 0.5, height: 0.5)
        }
        let size = style.size(of: Self.size)
        #expect(size == Resolution(48, 64))
        let made = try stage.convert(frame, to: .nv12, size: size, color: .bt601, style: style)
        #expect(made.size == size && made.info == frame.info)
    }
}
