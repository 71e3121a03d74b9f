//! Line charts as SVG, which git and browsers take as they are. Both axes are logarithmic: what is shown here spans
//! three orders of magnitude.

use std::fmt::Write as _;

use crate::figures::{Series, short};

const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 420.0;
const LEFT: f64 = 70.0;
const RIGHT: f64 = 220.0;
const TOP: f64 = 50.0;
const BOTTOM: f64 = 55.0;

/// Colours that people with any kind of sight can tell apart (Okabe and Ito).
const COLOURS: [&str; 7] = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000"];

/// A chart.
#[derive(Debug, Clone)]
pub(crate) struct Plot {
    /// Its file's name, without the ending.
    pub(crate) name: &'static str,
    /// Its heading.
    pub(crate) title: &'static str,
    /// What goes to the right.
    pub(crate) x: &'static str,
    /// What goes up.
    pub(crate) y: &'static str,
    /// Label and points; every coordinate is above 0.
    pub(crate) lines: Vec<(String, Vec<(f64, f64)>)>,
}

impl Plot {
    /// The chart as an SVG document.
    pub(crate) fn to_svg(&self) -> String {
        let points = || self.lines.iter().flat_map(|(_, points)| points);
        let across = Axis::over(points().map(|point| point.0), LEFT, WIDTH - RIGHT);
        let up = Axis::over(points().map(|point| point.1), HEIGHT - BOTTOM, TOP);
        let mut svg = Svg::new(self.title);
        for value in across.ticks(&[1.0]) {
            let x = across.place(value);
            svg.line((x, TOP), (x, HEIGHT - BOTTOM));
            svg.text((x, HEIGHT - BOTTOM + 18.0), "middle", &amount(value));
        }
        for value in up.ticks(&[1.0, 2.0, 5.0]) {
            let y = up.place(value);
            svg.line((LEFT, y), (WIDTH - RIGHT, y));
            svg.text((LEFT - 8.0, y + 4.0), "end", &amount(value));
        }
        svg.text((f64::midpoint(LEFT, WIDTH - RIGHT), HEIGHT - 12.0), "middle", self.x);
        svg.text((LEFT, TOP - 12.0), "start", self.y);
        for (index, (label, points)) in self.lines.iter().enumerate() {
            let colour = COLOURS[index % COLOURS.len()];
            let places: Vec<_> = points.iter().map(|(x, y)| (across.place(*x), up.place(*y))).collect();
            svg.curve(&places, colour);
            svg.entry(index, label, colour);
        }
        svg.finish()
    }
}

/// Neighbouring series of the same label as one line.
pub(crate) fn lines_of(
    series: &[Series],
    mut point: impl FnMut(&Series) -> (f64, f64),
) -> Vec<(String, Vec<(f64, f64)>)> {
    let mut lines: Vec<(String, Vec<(f64, f64)>)> = Vec::new();
    for one in series {
        let place = point(one);
        match lines.last_mut() {
            Some((label, points)) if *label == one.label => points.push(place),
            _ => lines.push((one.label.clone(), vec![place])),
        }
    }
    lines
}

/// A logarithmic scale.
struct Axis {
    least: f64,
    most: f64,
    from: f64,
    to: f64,
}

impl Axis {
    /// One that holds all values, from one place of the picture to another.
    fn over(values: impl Iterator<Item = f64>, from: f64, to: f64) -> Self {
        let positive = values.filter(|value| value.is_finite() && *value > 0.0);
        let (mut least, mut most) = (f64::INFINITY, 0.0_f64);
        for value in positive {
            least = least.min(value);
            most = most.max(value);
        }
        if !least.is_finite() {
            (least, most) = (1.0, 10.0);
        }
        // A little air, and never a scale of no length.
        Self { least: least / 1.25, most: most.max(least) * 1.25, from, to }
    }

    fn place(&self, value: f64) -> f64 {
        let share = (value / self.least).ln() / (self.most / self.least).ln();
        self.from + share.clamp(0.0, 1.0) * (self.to - self.from)
    }

    /// These multiples of the powers of ten that lie on the scale.
    fn ticks(&self, steps: &[f64]) -> Vec<f64> {
        (-6..12)
            .flat_map(|power| steps.iter().map(move |step| step * 10.0_f64.powi(power)))
            .filter(|value| (self.least..=self.most).contains(value))
            .collect()
    }
}

/// 1,000 as 1k.
fn amount(value: f64) -> String {
    let (value, unit) = match value {
        value if value >= 1e6 => (value / 1e6, "M"),
        value if value >= 1e3 => (value / 1e3, "k"),
        value => (value, ""),
    };
    let text = short(value);
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    format!("{text}{unit}")
}

/// The text of a drawing.
struct Svg(String);

impl Svg {
    fn new(title: &str) -> Self {
        Self(format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"sans-serif\" \
             font-size=\"12\">\n<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n\
             <text x=\"{LEFT}\" y=\"20\" font-size=\"15\" font-weight=\"bold\">{}</text>\n",
            escaped(title)
        ))
    }

    fn line(&mut self, from: (f64, f64), to: (f64, f64)) {
        self.add(&format!(
            "<path d=\"M{:.1} {:.1}L{:.1} {:.1}\" stroke=\"#dddddd\"/>",
            from.0, from.1, to.0, to.1
        ));
    }

    fn text(&mut self, at: (f64, f64), anchor: &str, text: &str) {
        self.add(&format!(
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"{anchor}\">{}</text>",
            at.0,
            at.1,
            escaped(text)
        ));
    }

    fn curve(&mut self, places: &[(f64, f64)], colour: &str) {
        let mut path = String::new();
        for (index, (x, y)) in places.iter().enumerate() {
            let _writing_to_a_string_cannot_fail =
                write!(path, "{}{x:.1} {y:.1}", if index == 0 { "M" } else { "L" });
        }
        self.add(&format!("<path d=\"{path}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>"));
        for (x, y) in places {
            self.add(&format!("<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3.5\" fill=\"{colour}\"/>"));
        }
    }

    /// A line of the legend.
    fn entry(&mut self, index: usize, label: &str, colour: &str) {
        #[expect(clippy::cast_precision_loss, reason = "a handful of lines")]
        let y = TOP + 10.0 + index as f64 * 20.0;
        let x = WIDTH - RIGHT + 15.0;
        self.add(&format!("<circle cx=\"{x:.1}\" cy=\"{:.1}\" r=\"5\" fill=\"{colour}\"/>", y - 4.0));
        self.text((x + 12.0, y), "start", label);
    }

    fn add(&mut self, element: &str) {
        self.0.push_str(element);
        self.0.push('\n');
    }

    fn finish(mut self) -> String {
        self.0.push_str("</svg>\n");
        self.0
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenfold_is_the_same_way_everywhere() {
        let axis = Axis::over([1.0, 100.0].into_iter(), 0.0, 300.0);
        let first = axis.place(10.0) - axis.place(1.0);
        let second = axis.place(100.0) - axis.place(10.0);
        assert!((first - second).abs() < 1e-9);
        assert_eq!(axis.ticks(&[1.0]), [1.0, 10.0, 100.0]);
    }

    #[test]
    fn a_chart_of_nothing_is_still_a_chart() {
        let plot =
            Plot { name: "n", title: "a < b", x: "x", y: "y", lines: vec![("l".to_owned(), Vec::new())] };
        let svg = plot.to_svg();
        assert!(svg.contains("a &lt; b") && svg.ends_with("</svg>\n") && !svg.contains("NaN"));
    }

    #[test]
    fn amounts_are_short() {
        assert_eq!([amount(1000.0), amount(2e6), amount(0.5), amount(32.0)], ["1k", "2M", "0.5", "32"]);
    }
}
