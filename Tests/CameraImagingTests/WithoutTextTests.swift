// SPDX-License-Identifier: MIT

#if !Text
import CameraCore
import CameraImaging
import Testing

/// What becomes of text in a build without FreeType.
@Suite struct WithoutTextTests {
    @Test func saysWhatIsMissing() throws {
        var style = PictureStyle()
        style.annotation = Annotation("Gate 3")
        let error = #expect(throws: CameraError.self) { try PreparedStyle(style) }
        #expect(error?.code == .unsupported)
        let text = error?.description ?? ""
        #expect(text.contains("libfreetype-dev") && text.contains("trait Text"), "\(text)")
    }
}
#endif
