// SPDX-License-Identifier: MIT

internal import CameraCore

/// The values of a test camera's controls.
struct TestControls: Hashable, Sendable {
    private var numbers = TestControl.allCases.map(\.initial)
    /// The part of the scene that pictures show, of which ``TestControl/zoom`` has the size alone.
    private(set) var region = ZoomRegion.full

    private static func index(_ control: TestControl) -> Int { TestControl.allCases.firstIndex(of: control) ?? 0 }

    /// What was set, or else what the camera started with; a number out of the control's range becomes the nearest in it.
    subscript(_ control: TestControl) -> Int64 {
        get { control == .zoom ? zoom : numbers[Self.index(control)] }
        set {
            let number = min(max(newValue, control.range.lowerBound), control.range.upperBound)
            if control == .zoom { setZoom(number) } else { numbers[Self.index(control)] = number }
        }
    }

    /// Chooses the part of the scene that pictures show.
    mutating func setRegion(_ region: ZoomRegion) { self.region = region }

    private var zoom: Int64 {
        let enlargement = (100 / min(region.width, region.height)).rounded()
        return min(
            max(Int64(clamping: enlargement), TestControl.zoom.range.lowerBound), TestControl.zoom.range.upperBound)
    }

    /// Shows so much of the scene around the middle of what is shown now.
    private mutating func setZoom(_ percent: Int64) {
        let side = 100 / Double(percent)
        let left = region.x + (region.width - side) / 2
        let top = region.y + (region.height - side) / 2
        region = ZoomRegion(
            x: min(max(left, 0), 1 - side), y: min(max(top, 0), 1 - side), width: side, height: side)
    }

    // MARK: Automatics

    var isTimeAutomatic: Bool { self[.automaticExposure] == TestControl.Exposure.automatic }
    var isGainAutomatic: Bool { self[.automaticGain] == 1 }
    var isWhiteBalanceAutomatic: Bool { self[.whiteBalance] == 1 }

    /// Whether an automatic decides on a control now.
    func isRuled(_ control: TestControl) -> Bool {
        switch control {
        case .exposureTime: isTimeAutomatic
        case .gain: isGainAutomatic
        case .redBalance, .blueBalance: self[.whiteBalance] != 0
        case .focus: self[.automaticFocus] == 1
        default: false
        }
    }

    /// The factors of red and blue in use.
    var gains: AWBGains {
        guard let light = TestControl.lights.first(where: { $0.number == self[.whiteBalance] }) else {
            return AWBGains(red: 1, blue: 1)
        }
        if light.mode == .off {
            return AWBGains(red: Double(self[.redBalance]) / 1000, blue: Double(self[.blueBalance]) / 1000)
        }
        return light.kelvin.map(TestLook.gains(forKelvin:)) ?? AWBGains(red: 1, blue: 1)
    }

    /// The focus in use, in tenths of a dioptre.
    var focus: Int64 { isRuled(.focus) ? TestControl.focus.initial : self[.focus] }

    /// The value of a control as it is in use, which an automatic may have chosen.
    func value(of control: TestControl, exposure: TestExposure) -> Int64 {
        guard isRuled(control) else { return self[control] }
        return switch control {
        case .exposureTime: exposure.timeNumber
        case .gain: exposure.gainNumber
        case .redBalance: Int64((gains.red * 1000).rounded())
        case .blueBalance: Int64((gains.blue * 1000).rounded())
        case .focus: focus
        default: self[control]
        }
    }

    /// What a picture is taken with.
    func metadata(_ exposure: TestExposure, frameInterval: Duration) -> FrameMetadata {
        var metadata = FrameMetadata()
        metadata.exposureTime = exposure.duration
        metadata.frameDuration = frameInterval
        metadata.analogGain = Float(exposure.gain)
        metadata.digitalGain = 1
        metadata.awbGains = gains
        metadata.lensPosition = Float(focus) / 10
        return metadata
    }
}
